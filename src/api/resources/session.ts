// SPDX-License-Identifier: Apache-2.0
/** `/session`: logging in and out, and the sessions that are open. */
import { z } from 'zod'
import { RelayError } from '../../base/errors.ts'
import { unknownRecord } from '../../records/naming.ts'
import { proofs } from '../../records/people/session.ts'
import { SESSION_COOKIE } from '../http/browser.ts'
import { timestamp } from '../http/fields.ts'
import { paged, pageOf, pageQuery, sortBy } from '../http/page.ts'
import { route } from '../http/route.ts'
import * as fields from './session-fields.ts'

const session = z.object({
  id: z.string(),
  isThis: z.boolean(),
  proof: z.enum(proofs),
  address: z.string(),
  userAgent: z.string(),
  createdAt: timestamp,
  seenAt: timestamp,
  endsAt: timestamp,
})

export const begin = route({
  id: 'session.begin',
  method: 'POST',
  path: '/session',
  summary: 'Logs a person in: the answer sets the cookie of the session.',
  needs: 'nothing',
  body: z.strictObject({
    email: z.string().max(320),
    password: fields.password,
    code: fields.code.nullable().default(null).meta({
      description:
        'Of the authenticator app, or a recovery code. 401 RLY_CODE_WANTED: one is needed.',
    }),
    tenant: z.string().max(32).nullable().default(null).meta({
      description: 'Where an address belongs to people of several tenants.',
    }),
  }),
  answer: fields.login,
  run: async ({ becomes, body, browser: given }, { people }) => {
    const browser = fields.browserIn(given)
    if (!people.settings().isPasswordAllowed)
      throw new RelayError(
        'RLY_FORBIDDEN',
        'people log in by OpenID Connect here, without a password',
      )
    const begin = await people.logins.login(body, browser)
    becomes(begin.person)
    return fields.begun(begin, browser, people.sessions)
  },
})

export const show = route({
  id: 'session.show',
  method: 'GET',
  path: '/session',
  summary: 'Says who is logged in, and what they may do.',
  needs: 'login',
  answer: fields.login,
  run: async ({ caller }, { people }) => fields.loginOf(fields.ownOf(caller), people.sessions),
})

export const end = route({
  id: 'session.end',
  method: 'DELETE',
  path: '/session',
  summary: 'Logs out: the session ends, and its cookie is taken away.',
  needs: 'login',
  answer: z.object({ ended: z.int() }),
  run: async ({ caller, browser }, { people }) => {
    await people.sessions.end(fields.ownOf(caller).session.id)
    fields.browserIn(browser).setCookie(SESSION_COOKIE, null, 'Strict')
    return { ended: 1 }
  },
})

export const list = route({
  id: 'session.list',
  method: 'GET',
  path: '/session/all',
  summary: "Lists one's own open sessions.",
  needs: 'login',
  query: z.strictObject({ ...pageQuery, sort: sortBy(['id', 'createdAt', 'seenAt']) }),
  answer: pageOf(session),
  run: async ({ caller, query }, { people }) => {
    const own = fields.ownOf(caller)
    const all = await people.sessions.of(own.person)
    return paged(
      all.map((each) => fields.sessionOf(each, own.session)),
      ({ id }) => id,
      query,
    )
  },
})

export const endOthers = route({
  id: 'session.endOthers',
  method: 'POST',
  path: '/session/end-others',
  summary: "Ends all of one's own sessions but this one.",
  needs: 'login',
  answer: z.object({ ended: z.int() }),
  run: async ({ caller }, { people }) => {
    const own = fields.ownOf(caller)
    return { ended: await people.sessions.endOf(own.person, own.session.id) }
  },
})

export const endOne = route({
  id: 'session.endOne',
  method: 'DELETE',
  path: '/session/all/{id}',
  summary: "Ends one of one's own sessions.",
  needs: 'login',
  params: z.strictObject({ id: z.string() }),
  answer: z.object({ ended: z.int() }),
  run: async ({ caller, params }, { people }) => {
    const all = await people.sessions.of(fields.ownOf(caller).person)
    const found = all.find(({ id }) => id === params.id.toUpperCase())
    if (found === undefined)
      throw unknownRecord(
        'session',
        params.id,
        all.map(({ id }) => id),
      )
    await people.sessions.end(found.id)
    return { ended: 1 }
  },
})
