// SPDX-License-Identifier: Apache-2.0
/**
 * Logins with address and password, and a code where there is a second factor. Strangers learn nothing by trying: an unknown
 * address costs the same work and gets the same answer as a wrong password. Guessing is slowed by network and by person; who has
 * got in from a network before waits for nobody's debt, so that guessing shuts nobody out.
 *
 * Known limit: each process counts alone, and what it knows is gone with it.
 */
import { createHash } from 'node:crypto'
import { GuessNotice, type OnGuessing } from '../../accept/logins/guess-notice.ts'
import { type Guesser, LoginGuard } from '../../accept/logins/login-guard.ts'
import { RelayError } from '../../base/errors.ts'
import { codeGuardLimits, personGuardLimits } from '../../base/limits/login-limits.ts'
import { HashLine } from '../../records/people/hash-line.ts'
import { hashPassword, isOutdated, isPasswordOf } from '../../records/people/password.ts'
import type { Person } from '../../records/people/person.ts'
import { foldedEmail } from '../../records/people/person-service.ts'
import { withoutRecoveryCode } from '../../records/people/recovery-codes.ts'
import type { Session } from '../../records/people/session.ts'
import { openTotp, stepOfCode } from '../../records/people/totp.ts'
import type { RecordsContext } from '../../records/records-context.ts'
import { peerNetwork } from '../../smtp/peer-address.ts'
import type { Beginning, LoginClient, PersonSessions } from './person-sessions.ts'

export interface LoginInput {
  readonly email: string
  readonly password: string
  /** Of the authenticator app, or one for when it is lost. */
  readonly code: string | null
  /** Whose person, where an address belongs to several; `null`: the installation's, else the oldest. */
  readonly tenant: string | null
}

export type NewSession = Beginning & { readonly person: Person }

export class PersonLogins {
  readonly #records: RecordsContext
  readonly #sessions: PersonSessions
  readonly #line = new HashLine()
  readonly #guard: LoginGuard
  readonly #codeGuard: LoginGuard
  readonly #notice: GuessNotice

  constructor(records: RecordsContext, sessions: PersonSessions, onGuessing: OnGuessing) {
    this.#records = records
    this.#sessions = sessions
    this.#guard = new LoginGuard(records.clock, personGuardLimits)
    this.#codeGuard = new LoginGuard(records.clock, codeGuardLimits)
    this.#notice = new GuessNotice(records.clock, onGuessing)
  }

  /** Throws `RLY_UNAUTHENTICATED`, `RLY_CODE_WANTED`, `RLY_RATE_LIMITED`, `RLY_BUSY`. */
  async login(input: LoginInput, client: LoginClient): Promise<NewSession> {
    const email = foldedEmail(input.email) ?? input.email
    const all = await this.#records.store.people.byEmail(email)
    const person = chosenOf(all, input.tenant)
    await this.prove(`${input.tenant ?? ''} ${email}`, person, input.password, client)
    if (person === null || person.isDisabled) throw refused()
    return this.#admit(person, input, client)
  }

  /** That somebody knows a person's password. `subject`: as who they say they are. Throws as `login`, but wants no code. */
  async prove(
    subject: string,
    person: Person | null,
    password: string,
    { address }: LoginClient,
  ): Promise<void> {
    const network = peerNetwork(address)
    const guesser: Guesser = {
      network,
      credential: createHash('sha256').update(subject).digest('base64url'),
    }
    this.#checkGuard(this.#guard, guesser, personGuardLimits.failureMs)
    const isRight = await this.hashing(address, () =>
      isPasswordOf(password, person?.passwordHash ?? null),
    )
    if (isRight && person?.isDisabled === false) return this.#guard.succeeded(guesser)
    if (this.#guard.failed(guesser)) {
      const what =
        person === null ? 'passwords are guessed' : `the password of ${person.email} is guessed`
      const { failureMs, freeFailures } = personGuardLimits
      this.#notice.tell(
        `${what} from ${address}`,
        `${freeFailures} failed logins within ${(freeFailures * failureMs) / 1_000} s; further ones are slowed`,
        person?.tenant ?? null,
      )
    }
    throw refused()
  }

  /** `work` makes or compares a hash. Throws `RLY_BUSY`. */
  hashing<T>(address: string, work: () => Promise<T>): Promise<T> {
    return this.#line.run(peerNetwork(address), work)
  }

  /** The password is right; is the code, and is the person still who they were? */
  async #admit(
    { id, passwordHash }: Person,
    { code, password }: LoginInput,
    client: LoginClient,
  ): Promise<NewSession> {
    const { clock, random, store } = this.#records
    const stronger =
      passwordHash !== null && isOutdated(passwordHash)
        ? await this.hashing(client.address, () => hashPassword(password, random))
        : passwordHash
    return store.transaction(async (inner) => {
      const person = await inner.people.find(id)
      // Reset, disabled or removed while the hash was made.
      if (person === null || person.isDisabled || person.passwordHash !== passwordHash)
        throw refused()
      const factor =
        person.sealedTotp === null ? withoutCode(person) : this.takeCode(person, code, client)
      const next = { ...factor.person, passwordHash: stronger, loggedInAt: clock.now() }
      await inner.people.put(next)
      const beginning = await this.#sessions.begin(inner, next, factor.proof, client)
      return { person: next, ...beginning }
    })
  }

  /** Of a person who has a second factor. The code is good no more once `Factor.person` is kept. Throws `RLY_CODE_WANTED`, `RLY_RATE_LIMITED`. */
  takeCode(person: Person, code: string | null, { address }: LoginClient): Factor {
    if (code === null)
      throw new RelayError('RLY_CODE_WANTED', 'a code of your authenticator app is wanted as well')
    // By person alone: who knows the password may come from anywhere.
    const guesser: Guesser = { network: `person ${person.id}`, credential: null }
    this.#checkGuard(this.#codeGuard, guesser, codeGuardLimits.failureMs)
    const factor = factorOf(person, code, this.#records)
    if (factor !== null) {
      this.#codeGuard.succeeded(guesser)
      return factor
    }
    if (this.#codeGuard.failed(guesser))
      this.#notice.tell(
        `codes of ${person.email} are guessed from ${address} by somebody who knows the password`,
        `${codeGuardLimits.freeFailures} were wrong; further ones are slowed`,
        person.tenant,
      )
    throw new RelayError(
      'RLY_CODE_WANTED',
      'this code is not good: wrong, used already, or of another time; is the clock of the device right?',
    )
  }

  #checkGuard(guard: LoginGuard, guesser: Guesser, failureMs: number): void {
    if (guard.wait(guesser) !== null) return
    throw new RelayError(
      'RLY_RATE_LIMITED',
      `too many logins have failed; the next may be tried in ${failureMs / 1_000} s`,
      { retryAfterSeconds: failureMs / 1_000 },
    )
  }
}

export interface Factor {
  /** The code is used up. */
  readonly person: Person
  readonly proof: Session['proof']
}

function factorOf(person: Person, code: string, { clock, keyring }: RecordsContext): Factor | null {
  if (person.sealedTotp === null) return null
  const secret = openTotp(person.sealedTotp, person.id, keyring)
  const step = stepOfCode(secret, code, clock.now(), person.totpStep)
  if (step !== null) return { person: { ...person, totpStep: step }, proof: 'totp' }
  const recoveryCodes = withoutRecoveryCode(person.recoveryCodes, code)
  return recoveryCodes && { person: { ...person, recoveryCodes }, proof: 'recovery-code' }
}

function withoutCode(person: Person): Factor {
  return { person, proof: 'password' }
}

function chosenOf(people: readonly Person[], tenant: string | null): Person | null {
  if (tenant !== null)
    return people.find((person) => person.tenant === tenant.toLowerCase()) ?? null
  return people.find((person) => person.tenant === null) ?? people[0] ?? null
}

function refused(): RelayError {
  return new RelayError(
    'RLY_UNAUTHENTICATED',
    'this address and password do not go together, or may not log in',
  )
}
