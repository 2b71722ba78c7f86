// SPDX-License-Identifier: Apache-2.0
/** Sessions as they begin, are used and end. Read from the store at each request: what ends one ends it at once, everywhere. */
import { type DurationMs, type Instant, plus } from '../../base/brand.ts'
import { encodeCrockford } from '../../base/crockford.ts'
import { sessionLimits } from '../../base/limits/login-limits.ts'
import type { Person } from '../../records/people/person.ts'
import {
  newSessionToken,
  parseSessionToken,
  type Session,
  type SessionId,
  type SessionToken,
} from '../../records/people/session.ts'
import type { RecordsContext } from '../../records/records-context.ts'
import type { Store } from '../../records/store.ts'

/** How long sessions live. */
export interface SessionTimes {
  /** Unused. */
  readonly idle: DurationMs
  /** In any case. */
  readonly longest: DurationMs
}

/** Who is at the other end. */
export interface LoginClient {
  /** Without port. */
  readonly address: string
  readonly userAgent: string
}

export interface Beginning {
  readonly session: Session
  readonly token: SessionToken
}

/** A person with the session that proves them. */
export interface LoggedInPerson {
  readonly person: Person
  readonly session: Session
}

const ID_LETTERS = 10
const ID_OCTETS = 7

export class PersonSessions {
  readonly #records: RecordsContext
  readonly #times: () => SessionTimes

  constructor(records: RecordsContext, times: () => SessionTimes) {
    this.#records = records
    this.#times = times
  }

  get times(): SessionTimes {
    return this.#times()
  }

  /** Within the transaction that knows the person to be who they say. The oldest ends where there are too many. */
  async begin(
    store: Store,
    person: Person,
    proof: Session['proof'],
    { address, userAgent }: LoginClient,
  ): Promise<Beginning> {
    const { clock, random } = this.#records
    const now = clock.now()
    const token = newSessionToken(random)
    const session: Session = {
      id: encodeCrockford(random.bytes(ID_OCTETS)).slice(0, ID_LETTERS) as string as SessionId,
      person: person.id,
      tokenSha256: token.sha256,
      proof,
      address,
      userAgent: userAgent.slice(0, sessionLimits.userAgentCharacters),
      createdAt: now,
      seenAt: now,
      endsAt: plus(now, this.#times().longest),
    }
    const others = await store.sessions.of(person.id)
    for (const old of others.slice(0, Math.max(0, others.length + 1 - sessionLimits.perPerson)))
      await store.sessions.remove(old.id)
    await store.sessions.put(session)
    return { session, token }
  }

  /** `null`: no token of ours, or one whose session has ended. */
  async find(text: string, address: string): Promise<LoggedInPerson | null> {
    const token = parseSessionToken(text)
    if (token === null) return null
    const found = await this.#records.store.sessions.find(token.sha256)
    if (found === null || found.person.isDisabled || !this.isOpen(found.session)) return null
    const { clock } = this.#records
    if (clock.now() - found.session.seenAt < sessionLimits.seenEveryMs) return found
    return await this.#seen(token, address)
  }

  /** Whether it would let them in now. Is no use of it. */
  async isStillOpen({ session }: LoggedInPerson): Promise<boolean> {
    const found = await this.#records.store.sessions.find(session.tokenSha256)
    return found !== null && !found.person.isDisabled && this.isOpen(found.session)
  }

  isOpen({ endsAt, seenAt }: Session): boolean {
    const now = this.#records.clock.now()
    return endsAt > now && plus(seenAt, this.#times().idle) > now
  }

  /** Looks again: it may have been ended meanwhile, and is not to come back. */
  #seen(token: SessionToken, address: string): Promise<LoggedInPerson | null> {
    const { clock, store } = this.#records
    return store.transaction(async (inner) => {
      const found = await inner.sessions.find(token.sha256)
      if (found === null) return null
      const session: Session = { ...found.session, seenAt: clock.now(), address }
      await inner.sessions.put(session)
      return { ...found, session }
    })
  }

  /** Those that are open, the newest first. */
  async of(person: Person): Promise<readonly Session[]> {
    const all = await this.#records.store.sessions.of(person.id)
    return all.filter((session) => this.isOpen(session)).reverse()
  }

  end(session: SessionId): Promise<boolean> {
    return this.#records.store.transaction((store) => store.sessions.remove(session))
  }

  endOf(person: Person, except: SessionId | null): Promise<number> {
    return this.#records.store.transaction((store) => store.sessions.removeOf(person.id, except))
  }

  removeOld(): Promise<number> {
    const { clock, store } = this.#records
    const now = clock.now()
    const seenBefore = (now - this.#times().idle) as Instant
    return store.transaction((inner) => inner.sessions.removeOlder(seenBefore, now))
  }
}
