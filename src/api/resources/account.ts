// SPDX-License-Identifier: Apache-2.0
/** `/session/…`: a person's own password and second factor. */
import { z } from 'zod'
import { base32, totpUri } from '../../records/people/totp.ts'
import { route } from '../http/route.ts'
import * as fields from './session-fields.ts'

export const setPassword = route({
  id: 'session.setPassword',
  method: 'POST',
  path: '/session/set-password',
  summary: 'Sets the password of whoever was invited, once; log in with it then.',
  needs: 'nothing',
  body: z.strictObject({ token: z.string().max(200), password: fields.password }),
  answer: z.object({ email: z.string(), tenant: z.string().nullable() }),
  run: async ({ becomes, body, browser }, { people }) => {
    const client = fields.browserIn(browser)
    const person = await people.account.setPassword(body.token, body.password, client)
    becomes(person)
    return { email: person.email, tenant: person.tenant as string | null }
  },
})

export const changePassword = route({
  id: 'session.changePassword',
  method: 'POST',
  path: '/session/password',
  summary:
    "Changes one's own password. All other sessions end; this one goes on with a new cookie.",
  needs: 'login',
  body: z.strictObject({ current: fields.password, password: fields.password }),
  answer: fields.login,
  run: async ({ caller, body, browser: given }, { people }) => {
    const browser = fields.browserIn(given)
    const { current, password } = body
    const own = fields.ownOf(caller)
    const begin = await people.account.changePassword(own, current, password, browser)
    return fields.begun(begin, browser, people.sessions)
  },
})

export const enrolTotp = route({
  id: 'session.enrolTotp',
  method: 'POST',
  path: '/session/totp',
  summary: 'Makes the secret of an authenticator app; it counts once a code has confirmed it.',
  needs: 'login',
  body: z.strictObject({ password: fields.password }),
  answer: z.object({
    secret: z.string().meta({ description: 'Base 32, to type in.' }),
    uri: z.string().meta({ description: 'otpauth://…, for a QR code.' }),
  }),
  run: async ({ caller, body, browser }, { people }) => {
    const own = fields.ownOf(caller)
    const client = fields.browserIn(browser)
    const secret = await people.account.enrolTotp(own, body.password, client)
    const { hostname } = people.settings()
    return { secret: base32(secret), uri: totpUri(secret, hostname, own.person.email) }
  },
})

export const confirmTotp = route({
  id: 'session.confirmTotp',
  method: 'POST',
  path: '/session/totp/confirm',
  summary:
    'Turns the second factor on. The recovery codes are in this answer and nowhere else; other sessions end.',
  needs: 'login',
  body: z.strictObject({ code: fields.code }),
  answer: fields.login.extend({ recoveryCodes: z.array(z.string()) }),
  run: async ({ caller, body, browser: given }, { people }) => {
    const browser = fields.browserIn(given)
    const own = fields.ownOf(caller)
    const begin = await people.account.confirmTotp(own, body.code, browser)
    const recoveryCodes = [...begin.recoveryCodes]
    return { ...fields.begun(begin, browser, people.sessions), recoveryCodes }
  },
})

export const disableTotp = route({
  id: 'session.disableTotp',
  method: 'POST',
  path: '/session/totp/disable',
  summary: 'Turns the second factor off; other sessions end.',
  needs: 'login',
  body: z.strictObject({ password: fields.password, code: fields.code }),
  answer: fields.login,
  run: async ({ caller, body, browser: given }, { people }) => {
    const browser = fields.browserIn(given)
    const { code, password } = body
    const own = fields.ownOf(caller)
    const begin = await people.account.disableTotp(own, password, code, browser)
    return fields.begun(begin, browser, people.sessions)
  },
})

export const renewRecoveryCodes = route({
  id: 'session.renewRecoveryCodes',
  method: 'POST',
  path: '/session/recovery-codes',
  summary: 'Makes new recovery codes; those before are good no more.',
  needs: 'login',
  body: z.strictObject({ password: fields.password }),
  answer: z.object({ recoveryCodes: z.array(z.string()) }),
  run: async ({ caller, body, browser }, { people }) => {
    const own = fields.ownOf(caller)
    const client = fields.browserIn(browser)
    return {
      recoveryCodes: [...(await people.account.renewRecoveryCodes(own, body.password, client))],
    }
  },
})
