// SPDX-License-Identifier: Apache-2.0
/** What every part of delivery works with: made once by the program, passed down. */

import type { CredentialBaselines } from '../accept/credential-baselines.ts'
import type { AbortSet } from '../base/abort-set.ts'
import type { DurationMs, Instant } from '../base/brand.ts'
import type { Clock } from '../base/clock.ts'
import type { DeadlineWheel } from '../base/deadline-wheel.ts'
import type { Lifecycle } from '../base/lifecycle.ts'
import type { Log } from '../base/log.ts'
import type { Random } from '../base/random.ts'
import type { OperationEvent } from '../events/event.ts'
import type { Domain } from '../protocol/mailbox.ts'
import type { Brakes } from '../queue/brakes/brakes.ts'
import type { CampaignStanding } from '../queue/campaign-standing.ts'
import type { PooledSource } from '../queue/egress-pool.ts'
import type { Batch } from '../queue/ready-queue.ts'
import type { ConnectionSlots } from '../queue/shaping/connection-slots.ts'
import type { Lessons } from '../queue/shaping/lessons.ts'
import type { Rates } from '../queue/shaping/rates.ts'
import type { ShapingRules } from '../queue/shaping/rules.ts'
import type { EngagedPolicy } from '../queue/warm-up/thresholds.ts'
import type { Directory } from '../records/directory.ts'
import type { SuppressionCheck } from '../records/suppressions/suppression-lookup.ts'
import type { QueueName } from '../spool/queue-name.ts'
import type { Spool } from '../spool/spool.ts'
import type { DeliveryBudget } from './delivery-budget.ts'
import type { FlowGates } from './flow-gates.ts'
import type { OutcomeRecorder } from './outcome/outcome-recorder.ts'
import type { HostConnector } from './routing/connect-hosts.ts'
import type { HopWatch } from './routing/hop-watch.ts'
import type { MailPools } from './routing/mail-pools.ts'
import type { RouteResult } from './routing/routing.ts'

/** The operator's settings. Swapped whole by a reload. */
export interface DeliveryPolicy {
  /** Of the whole process. */
  readonly connections: number
  /** How long a connection without work is kept. */
  readonly idle: DurationMs
  /** How long a path rests after its first, second, … failure in a row. */
  readonly siteRests: readonly DurationMs[]
}

export interface DeliveryContext {
  readonly node: string
  readonly clock: Clock
  readonly wheel: DeadlineWheel
  readonly random: Random
  readonly log: Log
  readonly lifecycle: Lifecycle
  /** Aborts when the time to finish what is in hand is over: connections are cut. */
  readonly abort: AbortSet
  /** Aborts when the end begins: look-ups, and connections that are being made, are of no use any more. */
  readonly begun: AbortSet
  readonly spool: Spool
  readonly recorder: OutcomeRecorder
  readonly connector: HostConnector
  readonly policy: () => DeliveryPolicy
  readonly directory: () => Directory
  readonly suppressions: SuppressionCheck
  /** The sources of a pool, in the operator's order; never empty. */
  readonly sourcesOf: (pool: string) => readonly PooledSource[]
  readonly pools: Pick<MailPools, 'holds' | 'of' | 'signature'>
  /** MAIL FROM of a batch: our token at the message's return-path domain, or what the submitter gave. */
  readonly returnPathOf: (batch: Batch) => string
  /** Something happened to us that an operator wants to know: becomes an OperationEvent. */
  readonly announce: (type: OperationEvent['type'], text: string, tenant?: string) => void
  /** Where mail of a domain goes now. */
  readonly routeOf: (domain: Domain) => Promise<RouteResult>
  /** A recipient of `queue` waits in the index and is due at `at`. */
  readonly onWaiting: (queue: QueueName, at: Instant) => void
  /** Mail of the queue has shown that a site which was in doubt works. */
  readonly onWorking: (queue: QueueName) => void
  readonly campaigns: CampaignStanding
  /** Proxies that sources go by. */
  readonly hops: Pick<HopWatch, 'cut' | 'failed'>
  readonly budget: DeliveryBudget
  /** Connections of paths and providers, which workers share. */
  readonly slots: ConnectionSlots
  /** Likewise what may go in a time. */
  readonly rates: Rates
  /** And what replies have taught. */
  readonly lessons: Lessons
  readonly gates: Pick<FlowGates, 'look'>
  /** What holds ends back where too much ends alike. */
  readonly brakes: Pick<Brakes, 'delivered' | 'ended'>
  /** Counts what becomes of the mail of each of them. */
  readonly credentials: Pick<CredentialBaselines, 'ended'>
  /** Swapped whole by a reload. */
  readonly shaping: () => ShapingRules
  /** To whom sources that are being warmed up send, and when. */
  readonly engagedPolicy: () => EngagedPolicy
}
