// SPDX-License-Identifier: Apache-2.0
/** What a session of the sink is given, and what it tells. */
import type { SecureContext } from 'node:tls'
import type { Instant } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import type { DeadlineWheel } from '../../base/deadline-wheel.ts'
import type { Reply } from '../../protocol/reply.ts'
import type { ContentBudget } from './held-content.ts'
import type { Attempt, Provider, Verdict } from './provider.ts'
import type { Tally } from './tally.ts'

/** A message that is about to get its 250. */
export interface SinkMessage {
  readonly at: Instant
  /** Empty for the null reverse-path. */
  readonly reversePath: string
  readonly recipients: readonly string[]
  /** Octets of content. */
  readonly size: number
  /** All of it, CRLF line ends, dots unstuffed; of `wants: 'header'` only the beginning. */
  readonly content: Buffer
  readonly messageId: string | null
  /** `TLSv1.3`, or `null` for a connection in clear. */
  readonly tls: string | null
  readonly client: string
}

/** A recipient that was refused. */
export interface SinkRefusal {
  readonly at: Instant
  readonly reversePath: string
  readonly recipient: string
  readonly reply: Reply
  readonly client: string
}

/** What all sessions share. */
export interface SinkContext {
  readonly provider: Provider
  /** What is to be done about a recipient. */
  readonly judge: (attempt: Attempt) => Verdict
  readonly tally: Tally
  readonly budget: ContentBudget
  readonly wheel: DeadlineWheel
  readonly clock: Clock
  readonly secureContext: SecureContext | null
  readonly wantedOctets: number
  readonly onMessage: (message: SinkMessage) => void | Promise<void>
  readonly onRefusal: (refusal: SinkRefusal) => void
}
