// SPDX-License-Identifier: Apache-2.0
/** One session of another server that brings reports, complaints or questions: who they may be for, and the way to the hub. */
import type { Instant } from '../base/brand.ts'
import type { Clock } from '../base/clock.ts'
import { invariant } from '../base/invariant.ts'
import { memoryLimits } from '../base/limits/process-limits.ts'
import type { MemoryBudget, MemoryShare } from '../base/memory-budget.ts'
import type { Envelope } from '../protocol/envelope.ts'
import { type Mailbox, postmasterOf } from '../protocol/mailbox.ts'
import { type Reply, reply } from '../protocol/reply.ts'
import type { LoginVerdict } from '../protocol/smtp/login-policy.ts'
import { serverReplies } from '../protocol/smtp/server-replies.ts'
import type { Refusal, SessionFacts } from '../protocol/smtp/session-policy.ts'
import type { ContentSink, SessionHandler } from '../smtp/server-handler.ts'
import type { SpoolHealth } from '../spool/spool.ts'
import type { FeedbackHub, InboundMail } from './feedback-hub.ts'
import type { InboundAddress, InboundAddresses } from './inbound-addresses.ts'

export interface InboundContext {
  readonly hostname: string
  readonly clock: Clock
  readonly addresses: InboundAddresses
  readonly hub: FeedbackHub
  /** Of all clients, and of content that comes in here alone. */
  readonly memory: MemoryBudget
  readonly held: MemoryBudget
  readonly health: () => SpoolHealth
}

const NO_SUCH_USER = reply(
  550,
  '5.1.1',
  'No such mailbox here: this host takes reports about mail that it has sent, and no other mail',
)
const NOBODY_READS = reply(550, '5.1.1', 'Nobody reads mail to this mailbox')

export class InboundHandler implements SessionHandler<never> {
  readonly allowsClearTextAuth = false
  readonly mayClaimClient: boolean
  readonly offersTls: () => boolean
  readonly #context: InboundContext
  readonly #peer: string

  constructor(
    context: InboundContext,
    client: { readonly address: string; readonly mayClaimClient: boolean },
    offersTls: () => boolean,
  ) {
    this.#context = context
    this.#peer = client.address
    this.mayClaimClient = client.mayClaimClient
    this.offersTls = offersTls
  }

  now(): Instant {
    return this.#context.clock.now()
  }

  mechanisms(): readonly [] {
    return []
  }

  scram(): never {
    return invariant(false, 'no mechanism is offered') as never
  }

  authenticate(): LoginVerdict<never> {
    return { kind: 'heard', identity: null, afterMs: 0 }
  }

  admit(): Reply | null {
    if (this.#context.memory.room !== 'ample' || this.#context.held.room !== 'ample')
      return serverReplies.noRoom
    const health = this.#context.health()
    return health.kind === 'shedding' ? reply(452, '4.3.1', health.publicText) : null
  }

  admitRecipient(_session: SessionFacts<never>, forwardPath: Mailbox | null): Reply | null {
    const { addresses, hostname, hub } = this.#context
    const address = addresses.read(forwardPath ?? postmasterOf(hostname))
    if (address === null) return NO_SUCH_USER
    const isForPeople =
      address.kind === 'role' && (address.role === 'abuse' || address.role === 'postmaster')
    return isForPeople && !hub.hasOperator ? NOBODY_READS : null
  }

  /** Nobody says who they are, so nobody loses it. */
  dismissal(): null {
    return null
  }

  /** Of strangers nothing becomes an event: they would fill the journal. */
  refused(_session: SessionFacts<never>, _refusal: Refusal): void {}

  begin({ helo }: SessionFacts<never>, { recipients, reversePath }: Envelope): ContentSink {
    const addresses = recipients.flatMap(
      ({ forwardPath }) => this.#context.addresses.read(forwardPath) ?? [],
    )
    const sender = { peer: this.#peer, helo, reversePath: reversePath ?? '' }
    return new InboundSink(this.#context, addresses, sender)
  }
}

/** Holds the whole mail: it is read from its beginning to its end at once. */
class InboundSink implements ContentSink {
  readonly #context: InboundContext
  readonly #addresses: readonly InboundAddress[]
  readonly #sender: Pick<InboundMail, 'peer' | 'helo' | 'reversePath'>
  readonly #shares: readonly MemoryShare[]
  #chunks: Uint8Array[] = []
  #octets = 0
  #isRefused = false

  constructor(
    context: InboundContext,
    addresses: readonly InboundAddress[],
    sender: Pick<InboundMail, 'peer' | 'helo' | 'reversePath'>,
  ) {
    this.#context = context
    this.#addresses = addresses
    this.#sender = sender
    this.#shares = [context.memory.share(), context.held.share()]
  }

  write(chunk: Uint8Array): undefined {
    if (this.#isRefused) return
    // A copy: the socket's buffer is larger, and is used again.
    this.#chunks.push(Buffer.from(chunk))
    this.#octets += chunk.length
    const held = this.#octets + this.#chunks.length * memoryLimits.chunkOctets
    if (this.#shares.every((share) => share.hold(held))) return
    this.#isRefused = true
    this.#let()
  }

  async finish(): Promise<Reply> {
    try {
      if (this.#isRefused) return serverReplies.noRoom
      // Records have changed since RCPT: nobody is here any more.
      if (this.#addresses.length === 0) return NO_SUCH_USER
      const octets = Buffer.concat(this.#chunks)
      const { hub } = this.#context
      return await hub.take({ addresses: this.#addresses, octets, ...this.#sender })
    } finally {
      this.#let()
    }
  }

  abort(): void {
    this.#let()
  }

  #let(): void {
    this.#chunks = []
    for (const share of this.#shares) share.hold(0)
  }
}
