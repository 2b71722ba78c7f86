// SPDX-License-Identifier: Apache-2.0
/** How a whole mailbox provider behaves, as data: the sink's configuration and a simulated provider's character. */
import { type DurationMs, ms, seconds } from '../../base/brand.ts'
import type { RateSpec } from '../../base/quantity.ts'
import type { Random } from '../../base/random.ts'
import { plainReplies, type ReceiverReplies } from './receiver-replies.ts'

export interface Temperament {
  readonly name: string
  /** Said in the greeting and in the answer to EHLO. */
  readonly host: string
  /** Whether STARTTLS is offered. `broken`: offered, and the handshake ends in nonsense. */
  readonly tls: boolean | 'broken'
  /** `lie`: offered, but what was sent ahead of a reply is thrown away. */
  readonly pipelining: boolean | 'lie'
  readonly chunking: boolean
  /** At once from one client. */
  readonly connections: number
  readonly messagesPerConnection: number
  /** Of one client; above it the session ends with 421. */
  readonly messageRate: RateSpec | null
  /** A new (client, sender, recipient) is put off until so long after its first try. */
  readonly greylist: DurationMs | null
  /** Before every reply. */
  readonly replyDelay: Latency | null
  /** By local-part. */
  readonly isUnknown: (localPart: string) => boolean
  readonly isFull: (localPart: string) => boolean
  readonly replies: ReceiverReplies
  /** What the local-parts that pick a behaviour go by: `greylist@`, `slow@`, `throttle-421@`. */
  readonly picked: {
    readonly greylist: DurationMs
    readonly slow: DurationMs
    readonly throttle: RateSpec
  }
}

/** A log-normal distribution, as waiting times of servers are. */
export interface Latency {
  readonly median: DurationMs
  readonly p99: DurationMs
}

/** Takes everything at once, over TLS where there is a certificate. */
export const generous: Temperament = {
  name: 'sink',
  host: 'sink.localhost',
  tls: true,
  pipelining: true,
  chunking: true,
  connections: 1_000,
  messagesPerConnection: Number.POSITIVE_INFINITY,
  messageRate: null,
  greylist: null,
  replyDelay: null,
  isUnknown: () => false,
  isFull: () => false,
  replies: plainReplies,
  picked: {
    greylist: seconds(2),
    slow: seconds(5),
    throttle: { count: 2, per: seconds(1) },
  },
}

/** The 99th percentile of the standard normal distribution. */
const NORMAL_P99 = 2.326

/** One draw. */
export function drawDelay(latency: Latency, random: Random): DurationMs {
  const radius = Math.sqrt(-2 * Math.log(1 - random.fraction()))
  const normal = radius * Math.cos(2 * Math.PI * random.fraction())
  return ms(latency.median * (latency.p99 / latency.median) ** (normal / NORMAL_P99))
}
