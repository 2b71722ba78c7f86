// SPDX-License-Identifier: Apache-2.0
/**
 * Who may log in, by secret or by SCRAM's proof; and what strangers learn by trying: nothing. An unknown id is answered as a
 * wrong secret is, after the same work; it has a salt of its own, the same at each try.
 */
import { createHmac, type KeyObject } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import { messageOf } from '../../base/errors.ts'
import type { Keyring } from '../../base/keyring.ts'
import { loginLimits } from '../../base/limits/limits.ts'
import type { Log } from '../../base/log.ts'
import type { Random } from '../../base/random.ts'
import type { LoginAttempt, LoginVerdict } from '../../protocol/smtp/login-policy.ts'
import type { Mechanism } from '../../protocol/smtp/sasl.ts'
import type { ScramKeys } from '../../protocol/smtp/scram.ts'
import { openScram, SALT_OCTETS, sealScram } from '../../records/credentials/scram-secret.ts'
import { isSecretOf, parseCredentialId, parseSecret } from '../../records/credentials/secret.ts'
import type { Directory } from '../../records/directory.ts'
import type { Credential, CredentialId, Slug } from '../../records/records.ts'
import { parseSlug } from '../../records/records.ts'
import { peerNetwork } from '../../smtp/peer-address.ts'
import { GuessNotice, type OnGuessing } from './guess-notice.ts'
import { LoginGuard } from './login-guard.ts'

export interface LoginContext {
  readonly clock: Clock
  readonly random: Random
  readonly keyring: Keyring
  readonly directory: () => Directory
  readonly log: Log
  /** Somebody guesses. */
  readonly onGuessing: OnGuessing
}

export interface LoggedIn {
  readonly credential: Credential
  /** Named by the user; `null`: the credential's. */
  readonly stream: Slug | null
}

const NONCE_OCTETS = 18
const WITHOUT_SCRAM: readonly Mechanism[] = ['PLAIN', 'LOGIN']
const WITH_SCRAM: readonly Mechanism[] = ['PLAIN', 'LOGIN', 'SCRAM-SHA-256']
const NOBODY = 'NOBODY' as CredentialId

export class Logins {
  readonly #context: LoginContext
  readonly #guard: LoginGuard
  readonly #saltKey: KeyObject
  /** Keys that no secret has. */
  readonly #decoy: Uint8Array
  readonly #notice: GuessNotice

  constructor(context: LoginContext) {
    const { clock, keyring, random } = context
    this.#context = context
    this.#guard = new LoginGuard(clock)
    this.#notice = new GuessNotice(clock, context.onGuessing)
    this.#saltKey = keyring.derive('salts of unknown SCRAM users')
    this.#decoy = sealScram(NOBODY, random.bytes(NONCE_OCTETS).toString('hex'), keyring, random)
  }

  /** A client that chooses by itself takes SCRAM, so it is offered only where somebody can use it. */
  mechanisms(): readonly Mechanism[] {
    return this.#context.directory().offersScram ? WITH_SCRAM : WITHOUT_SCRAM
  }

  scram(userName: string): { readonly keys: ScramKeys; readonly nonce: string } {
    const { idText, id } = readUserName(userName)
    const known = this.#keysOf(id)
    const keys = known ?? openScram(NOBODY, this.#decoy, this.#context.keyring)
    const digest = createHmac('sha256', this.#saltKey).update(idText).digest()
    const salt = known === null ? digest.subarray(0, SALT_OCTETS) : keys.salt
    const nonce = this.#context.random.bytes(NONCE_OCTETS).toString('base64')
    return { keys: { ...keys, salt }, nonce }
  }

  authenticate(address: string, attempt: LoginAttempt): LoginVerdict<LoggedIn> {
    const claim = attempt.kind === 'secret' ? bySecret(attempt) : byProof(attempt)
    const guesser = { network: peerNetwork(address), credential: claim.id }
    const afterMs = this.#guard.wait(guesser)
    if (afterMs === null) return { kind: 'unheard' }
    const known = (claim.id && this.#context.directory().credentials.get(claim.id)) ?? null
    const isRight = claim.isRight(known)
    if (known === null || !isRight) {
      if (this.#guard.failed(guesser)) this.#tell(address, known)
      return { kind: 'heard', identity: null, afterMs }
    }
    this.#guard.succeeded(guesser)
    const stream = streamNamed(this.#context.directory(), known.tenant, claim.streamName)
    return { kind: 'heard', identity: { credential: known, stream }, afterMs }
  }

  #keysOf(id: CredentialId | null): ScramKeys | null {
    const { directory, keyring, log } = this.#context
    const credential = id && directory().credentials.get(id)
    if (!credential?.sealedScram) return null
    try {
      return openScram(credential.id, credential.sealedScram, keyring)
    } catch (thrown) {
      // Sealed by a key that this process has not read: nobody gets in with it, and the operator hears why.
      log.error({ error: messageOf(thrown) }, 'the SCRAM keys of a credential cannot be opened')
      return null
    }
  }

  #tell(address: string, known: Credential | null): void {
    const what = known === null ? 'secrets are guessed' : `the secret of ${known.id} is guessed`
    this.#notice.tell(
      `${what} from ${address}`,
      `${loginLimits.freeFailures} failed logins within ${(loginLimits.freeFailures * loginLimits.failureMs) / 1_000} s; further ones wait`,
      known?.tenant ?? null,
    )
  }
}

/** What an attempt claims. */
interface Claim {
  /** `null` where it names no credential. */
  readonly id: CredentialId | null
  readonly streamName: string
  /** `null` is nobody's credential: the same work, and never right. */
  readonly isRight: (credential: Credential | null) => boolean
}

function bySecret({ userName, secret }: Extract<LoginAttempt, { kind: 'secret' }>): Claim {
  const given = parseSecret(secret)
  return {
    id: given?.id ?? null,
    streamName: userName,
    isRight: (credential) => given !== null && isSecretOf(given, credential),
  }
}

function byProof({ userName, isProven }: Extract<LoginAttempt, { kind: 'proof' }>): Claim {
  const { id, streamName } = readUserName(userName)
  return { id, streamName, isRight: (credential) => isProven && credential !== null }
}

/** SCRAM's user name is the credential's id, and may name a stream after a slash. */
function readUserName(text: string) {
  const [idText = '', streamName = ''] = text.toUpperCase().split('/', 2)
  return { idText, id: parseCredentialId(idText), streamName }
}

function streamNamed(directory: Directory, tenant: Slug, text: string): Slug | null {
  const name = parseSlug(text.toLowerCase())
  return name !== null && directory.stream(tenant, name) !== null ? name : null
}
