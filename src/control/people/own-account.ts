// SPDX-License-Identifier: Apache-2.0
/** What people do about their own login: password and second factor. Each wants the password again, and ends their other sessions. */
import { RelayError } from '../../base/errors.ts'
import { checkNewPassword, hashPassword } from '../../records/people/password.ts'
import { isLinkOf, personOfLink } from '../../records/people/password-link.ts'
import type { Person } from '../../records/people/person.ts'
import { withoutTotp } from '../../records/people/person-service.ts'
import { newRecoveryCodes } from '../../records/people/recovery-codes.ts'
import { openTotp, sealTotp, stepOfCode, TOTP_SECRET_OCTETS } from '../../records/people/totp.ts'
import type { RecordsContext } from '../../records/records-context.ts'
import type { NewSession, PersonLogins } from './person-logins.ts'
import type { LoggedInPerson, LoginClient, PersonSessions } from './person-sessions.ts'

export class OwnAccount {
  readonly #records: RecordsContext
  readonly #logins: PersonLogins
  readonly #sessions: PersonSessions

  constructor(records: RecordsContext, logins: PersonLogins, sessions: PersonSessions) {
    this.#records = records
    this.#logins = logins
    this.#sessions = sessions
  }

  /** By a one-time link. Whoever has the second factor still needs it to log in. Throws `RLY_UNAUTHENTICATED`. */
  async setPassword(token: string, password: string, { address }: LoginClient): Promise<Person> {
    const { clock, random, store } = this.#records
    const id = personOfLink(token)
    const invited = id === null ? null : await store.people.find(id)
    if (!isLinkOf(token, invited, clock.now()) || invited?.isDisabled !== false) throw badLink()
    checkNewPassword(password, invited.email)
    const passwordHash = await this.#logins.hashing(address, () => hashPassword(password, random))
    return store.transaction(async (inner) => {
      const person = await inner.people.find(invited.id)
      // Used or replaced while the hash was made.
      if (person === null || person.isDisabled || !isLinkOf(token, person, clock.now()))
        throw badLink()
      const next: Person = { ...person, passwordHash, linkSha256: null, linkExpiresAt: null }
      await inner.people.put(next)
      await inner.sessions.removeOf(next.id, null)
      return next
    })
  }

  /** All sessions end; the one that asks goes on under a new token. */
  async changePassword(
    own: LoggedInPerson,
    current: string,
    password: string,
    client: LoginClient,
  ): Promise<NewSession> {
    await this.#prove(own, current, client)
    checkNewPassword(password, own.person.email)
    const passwordHash = await this.#logins.hashing(client.address, () =>
      hashPassword(password, this.#records.random),
    )
    return this.#renew(own, client, (person) => ({
      ...person,
      passwordHash,
      linkSha256: null,
      linkExpiresAt: null,
    }))
  }

  /** A new secret for an authenticator app; it counts once a code has confirmed it. */
  async enrolTotp(own: LoggedInPerson, password: string, client: LoginClient): Promise<Buffer> {
    await this.#prove(own, password, client)
    const { keyring, random, store } = this.#records
    const secret = Buffer.from(random.bytes(TOTP_SECRET_OCTETS))
    await store.transaction(async (inner) => {
      const person = await inner.people.find(own.person.id)
      if (person === null) throw badLink()
      if (person.sealedTotp !== null)
        throw new RelayError(
          'RLY_RECORD_EXISTS',
          'there is a second factor already; disable it first to have another',
        )
      await inner.people.put({ ...person, sealedNewTotp: sealTotp(secret, person.id, keyring) })
    })
    return secret
  }

  /** Gives the recovery codes, once. */
  async confirmTotp(
    own: LoggedInPerson,
    code: string,
    client: LoginClient,
  ): Promise<NewSession & { readonly recoveryCodes: readonly string[] }> {
    const { clock, keyring, random } = this.#records
    const codes = newRecoveryCodes(random)
    const renewed = await this.#renew(own, client, (person) => {
      if (person.sealedNewTotp === null)
        throw new RelayError('RLY_RECORD_UNKNOWN', 'no second factor waits to be confirmed')
      const secret = openTotp(person.sealedNewTotp, person.id, keyring)
      const step = stepOfCode(secret, code, clock.now(), 0)
      if (step === null) throw wrongCode()
      return {
        ...person,
        sealedTotp: person.sealedNewTotp,
        sealedNewTotp: null,
        totpStep: step,
        recoveryCodes: codes.kept,
      }
    })
    return { ...renewed, recoveryCodes: codes.texts }
  }

  async disableTotp(
    own: LoggedInPerson,
    password: string,
    code: string,
    client: LoginClient,
  ): Promise<NewSession> {
    await this.#prove(own, password, client)
    return this.#renew(own, client, (person) => {
      if (person.sealedTotp === null)
        throw new RelayError('RLY_RECORD_UNKNOWN', 'there is no second factor')
      return { ...this.#logins.takeCode(person, code, client).person, ...withoutTotp }
    })
  }

  /** The codes before are good no more. */
  async renewRecoveryCodes(
    own: LoggedInPerson,
    password: string,
    client: LoginClient,
  ): Promise<readonly string[]> {
    await this.#prove(own, password, client)
    const codes = newRecoveryCodes(this.#records.random)
    await this.#records.store.transaction(async (store) => {
      const person = await store.people.find(own.person.id)
      if (person?.sealedTotp == null)
        throw new RelayError('RLY_RECORD_UNKNOWN', 'there is no second factor to recover')
      await store.people.put({ ...person, recoveryCodes: codes.kept })
    })
    return codes.texts
  }

  async #prove({ person }: LoggedInPerson, password: string, client: LoginClient): Promise<void> {
    if (person.passwordHash === null)
      throw new RelayError(
        'RLY_FORBIDDEN',
        'this person has no password; an owner can give a link that sets one',
      )
    await this.#logins.prove(`${person.id}`, person, password, client)
  }

  /** Changes the person; their sessions end, and the one that asks begins anew. */
  #renew(
    { person: { id, passwordHash }, session }: LoggedInPerson,
    client: LoginClient,
    change: (person: Person) => Person,
  ): Promise<NewSession> {
    return this.#records.store.transaction(async (store) => {
      const before = await store.people.find(id)
      // Reset or disabled since the session was looked at.
      if (before === null || before.isDisabled || before.passwordHash !== passwordHash)
        throw new RelayError('RLY_UNAUTHENTICATED', 'the session has ended: log in again')
      const person = change(before)
      await store.people.put(person)
      await store.sessions.removeOf(id, null)
      return { person, ...(await this.#sessions.begin(store, person, session.proof, client)) }
    })
  }
}

function wrongCode(): RelayError {
  return new RelayError('RLY_CODE_WANTED', 'this code is not good: wrong, or of another time')
}

function badLink(): RelayError {
  return new RelayError(
    'RLY_UNAUTHENTICATED',
    'this link is not good: used already, replaced by a newer one, or too old; ask an owner for another',
  )
}
