// SPDX-License-Identifier: Apache-2.0
/** An acceptor that keeps mail in memory and does what the reverse-path says, for tests of listeners. */
import type { X509Certificate } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import type {
  Acceptance,
  Acceptor,
  Draft,
  Provenance,
  Rejection,
  Submitter,
} from '../../src/accept/acceptor.ts'
import { instant } from '../../src/base/brand.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { journalId, type MessageId, newMessageId } from '../../src/events/ids.ts'
import type { Envelope } from '../../src/protocol/envelope.ts'
import { type Reply, reply } from '../../src/protocol/reply.ts'
import type { LoginAttempt, LoginVerdict } from '../../src/protocol/smtp/login-policy.ts'
import type { Mechanism } from '../../src/protocol/smtp/sasl.ts'
import { scramKeysOf } from '../../src/protocol/smtp/scram.ts'
import { parseSlug } from '../../src/records/records.ts'

export class MemoryAcceptor implements Acceptor {
  readonly drafts: MemoryDraft[] = []
  readonly rejections: Rejection[] = []
  readonly logins: (readonly [userName: string, secret: string])[] = []
  /** Addresses that need no AUTH. */
  readonly trustedAddresses = new Set<string>()
  /** A name in a client's certificate that needs no AUTH. */
  trustedName: string | null = null
  /** The answer to the next `admission`. */
  admits: Reply | null = null
  /** What sessions end with when they are reviewed. */
  dismisses: Reply | null = null
  offersScram = false
  /** How long a login's verdict waits. */
  verdictAfterMs = 0
  /** Whether a draft asks to wait after each write, and to be let go. */
  isSlow = false
  readonly #random = new SeededRandom(1)
  readonly #begun = new EventEmitter()

  mechanisms(): readonly Mechanism[] {
    return this.offersScram ? ['PLAIN', 'LOGIN', 'SCRAM-SHA-256'] : ['PLAIN', 'LOGIN']
  }

  /** The example of RFC 7677 §3, whoever asks: the secret is `pencil`, and the nonce is always the same. */
  scram(): ReturnType<Acceptor['scram']> {
    const keys = scramKeysOf('pencil', Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'))
    return { keys, nonce: '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0' }
  }

  /** The secret of everybody is `right`. */
  authenticate(_address: string, attempt: LoginAttempt): LoginVerdict<Submitter> {
    const isRight = attempt.kind === 'proof' ? attempt.isProven : attempt.secret === 'right'
    this.logins.push([attempt.userName, attempt.kind === 'proof' ? '' : attempt.secret])
    this.#begun.emit('login')
    const identity = isRight ? SUBMITTER : null
    return { kind: 'heard', identity, afterMs: this.verdictAfterMs }
  }

  trusted(address: string, certificate: X509Certificate | null): Submitter | null {
    const isNamed = this.trustedName !== null && certificate?.checkHost(this.trustedName)
    return isNamed || this.trustedAddresses.has(address) ? SUBMITTER : null
  }

  dismissal(): Reply | null {
    return this.dismisses
  }

  admission(): Reply | null {
    return this.admits
  }

  begin(submitter: Submitter, envelope: Envelope, provenance: Provenance): Draft {
    const id = newMessageId(instant(0), journalId(0), this.#random)
    const draft = new MemoryDraft(id, submitter, envelope, provenance, this.isSlow)
    this.drafts.push(draft)
    this.#begun.emit('draft')
    return draft
  }

  rejected(rejection: Rejection): void {
    this.rejections.push(rejection)
  }

  get accepted(): readonly MemoryDraft[] {
    return this.drafts.filter((draft) => draft.end === 'accepted')
  }

  /** Resolves once somebody has logged in for that time, from 0. */
  async login(at: number): Promise<void> {
    while (this.logins.length <= at) await once(this.#begun, 'login')
  }

  /** The draft of that number, from 0, once it is begun. */
  async draft(at: number): Promise<MemoryDraft> {
    for (;;) {
      const draft = this.drafts[at]
      if (draft) return draft
      await once(this.#begun, 'draft')
    }
  }
}

/** `refused@` earns 550 5.7.1, `held@` waits for `letGo`. */
export class MemoryDraft implements Draft {
  readonly id: MessageId
  readonly submitter: Submitter
  readonly envelope: Envelope
  readonly provenance: Provenance
  end: 'accepted' | 'refused' | 'aborted' | null = null
  readonly #chunks: Buffer[] = []
  readonly #isSlow: boolean
  readonly #held = Promise.withResolvers<void>()
  readonly #ended = Promise.withResolvers<void>()

  constructor(
    id: MessageId,
    submitter: Submitter,
    envelope: Envelope,
    provenance: Provenance,
    isSlow: boolean,
  ) {
    this.id = id
    this.submitter = submitter
    this.envelope = envelope
    this.provenance = provenance
    this.#isSlow = isSlow
  }

  get content(): string {
    return Buffer.concat(this.#chunks).toString('latin1')
  }

  /** Resolves once `end` is known. */
  get ended(): Promise<void> {
    return this.#ended.promise
  }

  write(chunk: Uint8Array): Promise<void> | undefined {
    this.#chunks.push(Buffer.from(chunk))
    return this.#isSlow ? this.#held.promise : undefined
  }

  async finish(): Promise<Acceptance> {
    const { reversePath } = this.envelope
    if (reversePath?.startsWith('held@')) await this.#held.promise
    if (reversePath?.startsWith('refused@')) {
      this.#endAs('refused')
      return {
        kind: 'refused',
        reply: reply(550, '5.7.1', 'From domain is not set up'),
        check: null,
        until: null,
      }
    }
    this.#endAs('accepted')
    return { kind: 'accepted', id: this.id, suppressed: [] }
  }

  abort(): void {
    this.#endAs('aborted')
  }

  letGo(): void {
    this.#held.resolve()
  }

  #endAs(end: 'accepted' | 'refused' | 'aborted'): void {
    if (this.end !== null) throw new Error(`a draft that was ${this.end} cannot be ${end}`)
    this.end = end
    this.#ended.resolve()
  }
}

const SUBMITTER = submitterOf('shop')

function submitterOf(name: string): Submitter {
  const slug = parseSlug(name)
  if (slug === null) throw new TypeError(`no slug: ${name}`)
  return { tenant: slug, stream: slug, usualStream: null, credential: null, isSandbox: false }
}
