// SPDX-License-Identifier: Apache-2.0
import type { DurationMs } from '../../base/brand.ts'
import type { Family } from '../../queue/egress.ts'
import type { EgressPathMachine } from '../../queue/egress-path.ts'
import type { Batch, ReadyRecipient } from '../../queue/ready-queue.ts'
import type { QueueName } from '../../spool/queue-name.ts'
import type { Idling } from '../delivery-budget.ts'
import type { SiteRoute } from '../routing/routing.ts'
import type { PathShaper } from './path-shaper.ts'

/** Where a connection gets its work; the site's delivery implements it. */
export interface BatchSource {
  readonly route: SiteRoute
  readonly paths: {
    /** What its sources can reach together. */
    readonly families: readonly Family[]
  }
  /** More connections of the path are open than may be: this one should close. */
  isCrowded(shaper: PathShaper): boolean
  /**
   * The next transaction of a path, of at most so many recipients, and that is spent; an instant (monotonic): nothing before then;
   * `null`: nothing is ready.
   */
  next(shaper: PathShaper, most: number): Batch | DurationMs | null
  /** The same where only the path's fate is at stake. */
  pull(shaper: PathShaper): Batch | null
  /** A batch that was pulled and not tried. */
  putBack(batch: readonly ReadyRecipient[]): void
  /** The receiver takes so many recipients in one transaction and no more. */
  limitTransactions(recipients: number): void
  /** `connection` waits for `resume`. */
  parkIdle(connection: WorkingConnection): void
  unparkIdle(connection: WorkingConnection): void
  /** Connecting has ended, well or not. */
  opened(connection: WorkingConnection): void
  /** What was pulled has ended in one way or another. */
  settled(shaper: PathShaper, batch: Batch): void
  /** For one that has just ended connecting: how many others to the site are made. */
  readonly otherConnections: number
  /** Whether another path than `path` may be tried now. */
  hasOtherWay(path: EgressPathMachine): boolean
  /** The path was in doubt, and mail of `queue` has shown that it works. */
  recovered(queue: QueueName): void
}

/** One that gets its work here. */
export interface WorkingConnection extends Idling {
  readonly shaper: PathShaper
  /** There is something to send, or the end has come. */
  resume(): void
}
