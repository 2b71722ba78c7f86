// SPDX-License-Identifier: Apache-2.0
/**
 * Decides as a mailbox provider would, and knows no sockets. First what the recipient's local-part picks
 * (`tempfail@`, also as `tempfail+anything@`), then what the temperament says of everybody.
 */
import { type DurationMs, ms } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import { sinkLimits } from '../../base/limits/limits.ts'
import type { Random } from '../../base/random.ts'
import type { Reply } from '../../protocol/reply.ts'
import { BoundedMap } from './bounded-map.ts'
import { Greylist, RateMeter } from './provider-memory.ts'
import { filled, type ReceiverReplies } from './receiver-replies.ts'
import type { RefusalOutcome } from './tally.ts'
import { drawDelay, type Temperament } from './temperament.ts'

/** What is to be done about a RCPT. */
export type Verdict =
  | { readonly kind: 'accept'; readonly trick: Trick | null }
  | { readonly kind: 'refuse'; readonly outcome: RefusalOutcome; readonly reply: Reply }
  /** The reply, and the session ends. */
  | { readonly kind: 'dismiss'; readonly outcome: RefusalOutcome; readonly reply: Reply }
  /** No reply, ever. */
  | { readonly kind: 'hang' }
  /** A reply of 100,000 octets, or one that is none. */
  | { readonly kind: 'flood' }
  | { readonly kind: 'nonsense' }

/** What happens to the transaction of an accepted recipient. */
export type Trick = 'slow' | 'drop-in-data' | 'drop-after-dot' | 'discard-pipelined'

export interface Attempt {
  readonly client: string
  readonly reversePath: string
  readonly recipient: string
  readonly isTls: boolean
}

const ACCEPT: Verdict = { kind: 'accept', trick: null }

export class Provider {
  readonly temperament: Temperament
  readonly #random: Random
  readonly #connections = new Map<string, number>()
  readonly #rate: RateMeter | null
  readonly #greylist: Greylist | null
  readonly #pickedRate: RateMeter
  readonly #pickedGreylist: Greylist
  /** Clients that `no-starttls@` was asked for: they are not offered it any more. */
  readonly #withoutTls = new BoundedMap<string, true>(sinkLimits.clients)

  constructor(temperament: Temperament, clock: Clock, random: Random) {
    this.temperament = temperament
    this.#random = random
    this.#rate = temperament.messageRate && new RateMeter(temperament.messageRate, clock)
    this.#greylist =
      temperament.greylist === null ? null : new Greylist(temperament.greylist, clock)
    this.#pickedRate = new RateMeter(temperament.picked.throttle, clock)
    this.#pickedGreylist = new Greylist(temperament.picked.greylist, clock)
  }

  /** Counts a connection; a reply where it is one too many. `leave` in either case. */
  enter(client: string): Reply | null {
    const count = (this.#connections.get(client) ?? 0) + 1
    this.#connections.set(client, count)
    return count > this.temperament.connections ? this.#say('tooManyConnections', client) : null
  }

  leave(client: string): void {
    const count = (this.#connections.get(client) ?? 0) - 1
    if (count > 0) this.#connections.set(client, count)
    else this.#connections.delete(client)
  }

  /** At MAIL, with the messages that this connection has carried: a reply where the session must end. */
  dismissal(client: string, messages: number): Reply | null {
    if (messages >= this.temperament.messagesPerConnection)
      return this.#say('connectionUsedUp', client)
    return this.#rate === null || this.#rate.allows(client) ? null : this.#say('throttled', client)
  }

  offersTls(client: string): boolean {
    return this.temperament.tls !== false && this.#withoutTls.get(client) === undefined
  }

  replyDelay(): DurationMs {
    const { replyDelay } = this.temperament
    return replyDelay === null ? ms(0) : drawDelay(replyDelay, this.#random)
  }

  judge(attempt: Attempt): Verdict {
    const localPart = attempt.recipient.slice(0, attempt.recipient.lastIndexOf('@')).toLowerCase()
    const [picked = ''] = localPart.split('+', 1)
    return this.#picked(picked, attempt) ?? this.#general(localPart, attempt)
  }

  /** What the local-part picks; `null` where it picks nothing. */
  #picked(name: string, attempt: Attempt): Verdict | null {
    switch (name) {
      case 'ok':
        return ACCEPT
      case 'tempfail':
        return this.#refuse('tempfail', attempt)
      case 'permfail':
      case 'unknown':
        return this.#refuse('unknown', attempt)
      case 'full':
        return this.#refuse('full', attempt)
      case 'greylist':
        return this.#greylisted(this.#pickedGreylist, attempt)
      case 'throttle-421':
        if (this.#pickedRate.allows(attempt.client)) return ACCEPT
        return { ...this.#refuse('throttled', attempt), kind: 'dismiss' }
      case 'no-starttls':
        if (!attempt.isTls) return ACCEPT
        this.#withoutTls.set(attempt.client, true)
        return this.#refuse('tempfail', attempt)
      case 'lie-about-pipelining':
        return { kind: 'accept', trick: 'discard-pipelined' }
      case 'slow':
      case 'drop-in-data':
      case 'drop-after-dot':
        return { kind: 'accept', trick: name }
      case 'hang':
      case 'flood':
      case 'nonsense':
        return { kind: name }
      default:
        return null
    }
  }

  #general(localPart: string, attempt: Attempt): Verdict {
    if (this.temperament.isUnknown(localPart)) return this.#refuse('unknown', attempt)
    if (this.temperament.isFull(localPart)) return this.#refuse('full', attempt)
    return this.#greylist === null ? ACCEPT : this.#greylisted(this.#greylist, attempt)
  }

  #greylisted(greylist: Greylist, attempt: Attempt): Verdict {
    const isKnown = greylist.allows(attempt.client, attempt.reversePath, attempt.recipient)
    return isKnown ? ACCEPT : this.#refuse('greylisted', attempt)
  }

  #refuse(
    outcome: RefusalOutcome & keyof ReceiverReplies,
    attempt: Attempt,
  ): Extract<Verdict, { kind: 'refuse' }> {
    return { kind: 'refuse', outcome, reply: filled(this.temperament.replies[outcome], attempt) }
  }

  #say(which: keyof ReceiverReplies, client: string): Reply {
    return filled(this.temperament.replies[which], { client })
  }
}
