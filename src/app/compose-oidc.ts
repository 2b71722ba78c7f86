// SPDX-License-Identifier: Apache-2.0
/** Makes the logins over the OpenID provider that the configuration names; anew when a reload names another. */
import type { Log } from '../base/log.ts'
import { OidcLogins } from '../control/people/oidc-logins.ts'
import type { PersonSessions } from '../control/people/person-sessions.ts'
import type { RecordsContext } from '../records/records-context.ts'
import type { Config } from './config/config.ts'
import { OpenidProvider } from './oidc/openid-provider.ts'

/** As routes know it (`/session/oidc/return`). */
const RETURN_PATH = '/api/v1/session/oidc/return'

export function composeOidc(
  config: () => Config,
  records: RecordsContext,
  sessions: PersonSessions,
  log: Log,
): () => OidcLogins | null {
  let made: { readonly of: string; readonly logins: OidcLogins } | null = null
  return () => {
    const { oidc, url } = config().login
    if (oidc === null || url === null) return null
    const { grant: _, ...settings } = oidc
    const of = JSON.stringify({ settings, url })
    if (made?.of !== of) {
      const redirectUri = url + RETURN_PATH
      const provider = new OpenidProvider({ ...settings, redirectUri }, records.clock, log)
      const grants = () => config().login.oidc?.grant ?? []
      made = { of, logins: new OidcLogins({ records, sessions, provider, grants }) }
    }
    return made.logins
  }
}
