// SPDX-License-Identifier: Apache-2.0
/** `/session/oidc`: logging in over an OpenID provider, and which ways to log in there are. */
import { z } from 'zod'
import { RelayError } from '../../base/errors.ts'
import type { OidcLogins } from '../../control/people/oidc-logins.ts'
import type { PeopleContext } from '../../control/people/people-context.ts'
import { OIDC_COOKIE } from '../http/browser.ts'
import { route } from '../http/route.ts'
import * as fields from './session-fields.ts'

const redirect = z.object({ location: z.string() })

export const ways = route({
  id: 'session.ways',
  method: 'GET',
  path: '/session/ways',
  summary: 'How people may log in here.',
  needs: 'nothing',
  answer: z.object({ password: z.boolean(), oidc: z.boolean() }),
  run: async (_call, { people }) => ({
    password: people.settings().isPasswordAllowed,
    oidc: people.oidc() !== null,
  }),
})

export const begin = route({
  id: 'session.oidcBegin',
  method: 'GET',
  path: '/session/oidc',
  summary: 'Sends the browser to the OpenID provider, to log in.',
  needs: 'nothing',
  content: 'redirect',
  status: 303,
  answer: redirect,
  run: async ({ browser }, { people }) => {
    const { location, kept } = await oidcOf(people).begin()
    fields.browserIn(browser).setCookie(OIDC_COOKIE, kept, 'Lax')
    return { location }
  },
})

export const finish = route({
  id: 'session.oidcReturn',
  method: 'GET',
  path: '/session/oidc/return',
  summary: 'Where the OpenID provider sends the browser back: the session begins.',
  needs: 'nothing',
  content: 'redirect',
  isNavigation: true,
  status: 303,
  query: z.record(z.string(), z.unknown()).meta({ description: 'As the provider gives it.' }),
  answer: redirect,
  run: async ({ becomes, browser: given }, { people }) => {
    const browser = fields.browserIn(given)
    const kept = browser.cookie(OIDC_COOKIE)
    browser.setCookie(OIDC_COOKIE, null, 'Lax')
    const begun = await oidcOf(people).finish(browser.query, kept, browser)
    becomes(begun.person)
    fields.begun(begun, browser, people.sessions)
    return { location: `${people.settings().url ?? ''}/` }
  },
})

function oidcOf({ oidc }: PeopleContext): OidcLogins {
  const logins = oidc()
  if (logins !== null) return logins
  throw new RelayError(
    'RLY_FORBIDDEN',
    'nobody logs in over OpenID Connect here: [login.oidc] of the configuration names no provider',
  )
}
