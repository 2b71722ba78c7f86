// SPDX-License-Identifier: Apache-2.0
/** What routes about people stand on. */
import type { OidcLogins } from './oidc-logins.ts'
import type { OwnAccount } from './own-account.ts'
import type { PersonLogins } from './person-logins.ts'
import type { PersonSessions } from './person-sessions.ts'

export interface LoginSettings {
  /** Where people find this relay in a browser, without a slash at the end; `null`: nobody has said. */
  readonly url: string | null
  /** As authenticator apps name the relay. */
  readonly hostname: string
  /** Else only over OIDC. */
  readonly isPasswordAllowed: boolean
}

export interface PeopleContext {
  readonly sessions: PersonSessions
  readonly logins: PersonLogins
  readonly account: OwnAccount
  /** `null`: no provider is configured. */
  readonly oidc: () => OidcLogins | null
  readonly settings: () => LoginSettings
}
