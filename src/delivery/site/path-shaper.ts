// SPDX-License-Identifier: Apache-2.0
/**
 * What one egress path may do now: the limits of the shaping rules, what replies have taught below them, and where it stands
 * towards each.
 */
import { type DurationMs, minutes, ms } from '../../base/brand.ts'
import { queueLimits } from '../../base/limits/limits.ts'
import type { EgressPath } from '../../queue/egress.ts'
import type { Batch, ReadyQueue } from '../../queue/ready-queue.ts'
import type { ConnectionLane, ConnectionSlots } from '../../queue/shaping/connection-slots.ts'
import type { Learned, Lessons } from '../../queue/shaping/lessons.ts'
import {
  type Admission,
  GO,
  type LaneUser,
  type RateLane,
  type Rates,
} from '../../queue/shaping/rates.ts'
import type { EffectiveLimits, LimitName } from '../../queue/shaping/rules.ts'
import { type Timeouts, timeoutsOf } from '../../queue/shaping/timeouts.ts'
import type { DeliveryContext } from '../delivery-context.ts'
import { PathReplies } from '../outcome/path-replies.ts'
import { BulkShare } from './bulk-share.ts'
import {
  type BoundPath,
  connectionLimits,
  least,
  limitOf,
  messageRates,
  startRates,
  warmUpRates,
} from './path-limits.ts'

/** How soon it is seen, at the latest, that a paused warm-up goes on; a change of the records wakes it at once. */
const PAUSE_LOOK = minutes(1)

/** The limit that keeps a path from more. */
export interface Binding {
  /** `null`: what the ledger has still to lend. */
  readonly limit: LimitName | null
  /** Monotonic; `null`: until a connection closes. */
  readonly until: DurationMs | null
}

/** Whose path it is. */
export interface ShaperUser extends LaneUser {
  /** Recipients of classes before bulk that wait. */
  readonly urgentWaiting: number
}

export class PathShaper {
  /** Connections that are open. */
  open = 0
  readonly path: EgressPath
  readonly #slots: ConnectionLane
  /** `null`: nothing is reserved. */
  #bulk: BulkShare | null = null
  readonly #lanes: ConnectionSlots
  readonly #name: string
  readonly #user: ShaperUser
  readonly #starts: RateLane
  readonly #messages: RateLane
  /** Apart from the other rates, since some mail passes beside it; `null` until there is one. */
  #warmUp: RateLane | null = null
  readonly #rates: Rates
  #limits: EffectiveLimits
  #binding: Binding | null = null
  readonly #lessons: Lessons
  /** Of what `#learned` is. */
  #version: number
  #learned: Learned | null
  #isPaced: boolean
  /** What its receiver says. */
  readonly replies: PathReplies

  /** `user`: who waits for it. */
  constructor(
    { lessons, rates, slots }: Pick<DeliveryContext, 'lessons' | 'rates' | 'slots'>,
    pool: string,
    path: EgressPath,
    limits: EffectiveLimits,
    user: ShaperUser,
  ) {
    this.path = path
    this.#lanes = slots
    this.#user = user
    this.#limits = limits
    this.#lessons = lessons
    this.replies = new PathReplies(path, lessons, () => this.#limits)
    this.#version = lessons.version
    this.#learned = lessons.of(this.replies.key)
    const name = `${pool} ${path.source} ${path.site}`
    this.#name = name
    this.#rates = rates
    this.#slots = slots.lane(name, connectionLimits(this.#bound), user)
    this.#starts = rates.lane(`connections ${name}`, startRates(this.#bound), user)
    this.#messages = rates.lane(`messages ${name}`, messageRates(this.#bound), user)
    this.#isPaced = false
    this.#bindWarmUp()
    this.#bindLearned()
  }

  /** Whether messages are paced at all. */
  get isPaced(): boolean {
    this.#catchUp()
    return this.#isPaced
  }

  /** What replies have taught; `null`: the rules alone hold. */
  get learned(): Learned | null {
    this.#catchUp()
    return this.#learned
  }

  get limits(): EffectiveLimits {
    return this.#limits
  }

  /** Its source is on its way to be known here: it has an allowance, or pauses. */
  get isCold(): boolean {
    return this.#limits.settings.warmUp !== undefined
  }

  /** What it waited for when it last had to wait. */
  get binding(): Binding | null {
    return this.#binding
  }

  get messagesPerConnection(): number {
    const { messagesPerConnection } = this.#limits.settings
    return least(this.#learned, 'messagesPerConnection', messagesPerConnection?.value)
  }

  get recipientsPerTransaction(): number {
    const { recipientsPerTransaction } = this.#limits.settings
    return recipientsPerTransaction?.value ?? queueLimits.recipientsPerTransaction
  }

  /** Of a connection that is made now. */
  get timeouts(): Timeouts {
    return timeoutsOf(this.#limits.settings)
  }

  /** The rules have changed, or the hosts. */
  rebind(limits: EffectiveLimits): void {
    this.#limits = limits
    this.#starts.rebind(startRates(this.#bound))
    this.#bindWarmUp()
    this.#bindLearned()
  }

  /** How many connections may be open while there is work for `waiting` more. */
  allowed(waiting: number): number {
    this.#catchUp()
    const wished = this.open + waiting
    const wanted = Math.min(wished, this.#mostFor(waiting))
    const { allowed, binds } = this.#slots.allowed(this.open, wanted)
    if (wanted > allowed) this.#binding = { limit: limitOf(binds), until: null }
    else if (wanted < wished) this.#binding = { limit: 'reservedConnections', until: null }
    else if (this.#binding?.until === null) this.#binding = null
    return allowed
  }

  /** Whether one more may be opened for them, as far as their number goes. */
  hasRoom(waiting: number): boolean {
    return this.open < Math.min(this.allowed(waiting), this.#mostFor(waiting))
  }

  /** Whether a connection of the path may carry something of what waits: the reserved ones nothing of bulk. */
  get hasUse(): boolean {
    return this.#bulk === null || this.#user.urgentWaiting > 0 || this.#bulk.hasRoom
  }

  /** What a connection of the path may be given next. */
  get next(): 'all' | 'urgent' {
    return this.#bulk === null || this.#bulk.hasRoom ? 'all' : 'urgent'
  }

  /** A connection of the path carries it from now on; it comes from `ready`. */
  carries(batch: Batch, ready: Pick<ReadyQueue, 'isUrgent'>): void {
    this.#bulk?.begins(batch, ready.isUrgent(batch[0]))
  }

  carried(batch: Batch): void {
    this.#bulk?.ends(batch)
  }

  #mostFor(waiting: number): number {
    if (this.#bulk === null) return Number.POSITIVE_INFINITY
    const urgent = Math.min(waiting, this.#user.urgentWaiting)
    return this.#bulk.most(waiting - urgent, urgent)
  }

  /** Whether a connection may be opened now, as far as rates go; `beside` the warm-up. `go` spends nothing. */
  lookToOpen(now: DurationMs, beside = false): Admission {
    this.#catchUp()
    const start = this.#starts.look(now)
    if (start.kind === 'wait') return this.#noted(start)
    return beside ? this.#messages.look(now) : this.#noted(this.#lookAtMessages(now))
  }

  opens(now: DurationMs): boolean {
    return this.#noted(this.#starts.admit(now)).kind === 'go'
  }

  /** Whether a message may go now; spends nothing. */
  look(now: DurationMs): Admission {
    return this.#noted(this.#lookAtMessages(now))
  }

  /** Once a message, where there is one. `go` spends. */
  admit(now: DurationMs): Admission {
    const warmUp = this.#lookAtWarmUp(now)
    if (warmUp.kind === 'wait') return this.#noted(warmUp)
    const admission = this.#messages.admit(now)
    if (admission.kind === 'go') this.#warmUp?.admit(now)
    return this.#noted(admission)
  }

  /** The same for mail that does not wait for the warm-up; the others have less room for it. */
  admitBeside(now: DurationMs): Admission {
    const admission = this.#messages.admit(now)
    if (admission.kind === 'go') this.#warmUp?.charge(now)
    return admission
  }

  /** Whether its warm-up has room now; spends nothing. */
  hasAllowance(now: DurationMs): boolean {
    return this.#lookAtWarmUp(now).kind === 'go'
  }

  #lookAtMessages(now: DurationMs): Admission {
    const warmUp = this.#lookAtWarmUp(now)
    return warmUp.kind === 'wait' ? warmUp : this.#messages.look(now)
  }

  #lookAtWarmUp(now: DurationMs): Admission {
    return this.#pauseAt(now) ?? this.#warmUp?.look(now) ?? GO
  }

  /** While the warm-up is paused; `null`: it is not. */
  #pauseAt(now: DurationMs): Admission | null {
    if (this.#limits.settings.warmUp?.value?.count !== 0) return null
    return { kind: 'wait', until: ms(now + PAUSE_LOOK), binds: 'warmUp ' }
  }

  /** Whenever something was learned anywhere; seldom, compared with how often it is asked. */
  #catchUp(): void {
    if (this.#version === this.#lessons.version) return
    this.#version = this.#lessons.version
    const learned = this.#lessons.of(this.replies.key)
    if (learned === this.#learned) return
    this.#learned = learned
    this.#bindLearned()
  }

  #bindWarmUp(): void {
    const rates = warmUpRates(this.#bound)
    if (this.#warmUp !== null) this.#warmUp.rebind(rates)
    else if (rates.length > 0)
      this.#warmUp = this.#rates.lane(`warm-up ${this.#name}`, rates, this.#user)
  }

  #bindLearned(): void {
    this.#slots.rebind(connectionLimits(this.#bound))
    this.#bindBulk()
    const rates = messageRates(this.#bound)
    this.#messages.rebind(rates)
    this.#isPaced = rates.length > 0 || this.isCold
  }

  /** Once there is a share of bulk mail it stays, for it knows what is carried. */
  #bindBulk(): void {
    const reserved = this.#limits.settings.reservedConnections?.value ?? 0
    if (reserved === 0 && this.#bulk === null) return
    const limits = connectionLimits(this.#bound).map(({ key, limit }) => ({
      key: `bulk ${key}`,
      limit: Math.max(1, limit - reserved),
    }))
    if (this.#bulk !== null) this.#bulk.rebind(limits)
    else this.#bulk = new BulkShare(this.#lanes.lane(`bulk ${this.#name}`, limits, this.#user))
  }

  #noted(admission: Admission): Admission {
    if (admission.kind === 'wait')
      this.#binding = { limit: limitOf(admission.binds), until: admission.until }
    return admission
  }

  get #bound(): BoundPath {
    return { path: this.path, limits: this.#limits, learned: this.#learned }
  }
}
