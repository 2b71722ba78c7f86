// SPDX-License-Identifier: Apache-2.0
/** What the routes of a person's own login share. */
import { z } from 'zod'
import { RelayError } from '../../base/errors.ts'
import { passwordLimits } from '../../base/limits/login-limits.ts'
import type { NewSession } from '../../control/people/person-logins.ts'
import type { LoggedInPerson, PersonSessions } from '../../control/people/person-sessions.ts'
import { timestampOf } from '../../events/event.ts'
import { roles, scopesOfRole } from '../../records/people/role.ts'
import { proofs, type Session } from '../../records/people/session.ts'
import { keyScopes } from '../../records/records.ts'
import { type Browser, SESSION_COOKIE } from '../http/browser.ts'
import type { Caller } from '../http/caller.ts'
import { timestamp } from '../http/fields.ts'

/** Who is logged in, and what they may do. */
export const login = z.object({
  person: z.object({
    id: z.string(),
    tenant: z.string().nullable(),
    email: z.string(),
    name: z.string(),
    role: z.enum(roles),
    scopes: z.array(z.enum(keyScopes)),
    hasPassword: z.boolean(),
    hasSecondFactor: z.boolean(),
    recoveryCodesLeft: z.int(),
  }),
  session: z.object({
    id: z.string(),
    proof: z.enum(proofs),
    createdAt: timestamp,
    idleAt: timestamp.meta({ description: 'It ends then unless it is used before.' }),
    endsAt: timestamp,
  }),
})

/** Longer ones are hashed by nobody. */
export const password = z.string().max(4 * passwordLimits.mostCharacters)
export const code = z.string().max(40)

export function loginOf({ person, session }: LoggedInPerson, { times }: PersonSessions) {
  const { id, tenant, email, name, role } = person
  return {
    person: {
      ...{ id: id as string, tenant: tenant as string | null, email, name, role },
      scopes: [...scopesOfRole[role]],
      hasPassword: person.passwordHash !== null,
      hasSecondFactor: person.sealedTotp !== null,
      recoveryCodesLeft: person.recoveryCodes.length,
    },
    session: {
      id: session.id as string,
      proof: session.proof,
      createdAt: timestampOf(session.createdAt),
      idleAt: timestampOf(Math.min(session.seenAt + times.idle, session.endsAt)),
      endsAt: timestampOf(session.endsAt),
    },
  }
}

/** Gives the browser the cookie of a session that has begun. */
export function begun(begin: NewSession, browser: Browser, sessions: PersonSessions) {
  browser.setCookie(SESSION_COOKIE, begin.token.text, 'Strict')
  return loginOf(begin, sessions)
}

export function sessionOf(session: Session, own: Session) {
  return {
    id: session.id as string,
    isThis: session.id === own.id,
    proof: session.proof,
    address: session.address,
    userAgent: session.userAgent,
    createdAt: timestampOf(session.createdAt),
    seenAt: timestampOf(session.seenAt),
    endsAt: timestampOf(session.endsAt),
  }
}

/** `authorise` lets nobody else pass. */
export function ownOf(caller: Caller): LoggedInPerson {
  if (caller.kind === 'person') return caller.own
  throw new RelayError('RLY_FORBIDDEN', 'this is for people who are logged in')
}

/** Throws where the command line asks, which has no cookies. */
export function browserIn(browser: Browser | null): Browser {
  if (browser !== null) return browser
  throw new RelayError('RLY_FORBIDDEN', 'people log in by HTTP alone')
}
