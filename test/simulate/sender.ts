// SPDX-License-Identifier: Apache-2.0
/**
 * A sender that always has more mail than it may send, and the program's parts between it and a model provider: ready queue, path,
 * shaper with its rates, retry schedule, classifier, and what decides the allowance; all on a clock that is turned.
 *
 * A recipient here stands for several (`weight`), whose answers are drawn one by one: as many as keep a day within `detail` recipients, so
 * that a day of two hundred is played one by one and one of a million by twenty thousand.
 */
import { type Instant, instant, ms } from '../../src/base/brand.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { PathShaper } from '../../src/delivery/site/path-shaper.ts'
import { classify } from '../../src/protocol/classify/classify.ts'
import type { SiteName } from '../../src/protocol/mx.ts'
import type { Reply } from '../../src/protocol/reply.ts'
import type { EgressSourceName } from '../../src/queue/egress.ts'
import { EgressPathMachine } from '../../src/queue/egress-path.ts'
import { ReadyQueue, type ReadyRecipient } from '../../src/queue/ready-queue.ts'
import { OwnSlots } from '../../src/queue/shaping/connection-slots.ts'
import { LessonBook } from '../../src/queue/shaping/lesson-book.ts'
import { OwnLessons } from '../../src/queue/shaping/own-lessons.ts'
import { OwnRates } from '../../src/queue/shaping/own-rates.ts'
import type { EffectiveLimits } from '../../src/queue/shaping/rules.ts'
import { signalOf } from '../../src/queue/warm-up/signal-of.ts'
import { DAY_MS, type SignalKind } from '../../src/queue/warm-up/signals.ts'
import { codeIn } from '../../src/queue/warm-up/words.ts'
import { retrySchedules } from '../../src/records/stream-defaults.ts'
import type { QueueName } from '../../src/spool/queue-name.ts'
import { Backlog, type Lot } from './backlog.ts'
import { DayLog } from './day-log.ts'
import { LateNews } from './late-news.ts'
import type { Model } from './model.ts'
import { type Answers, Provider, replies } from './provider.ts'
import type { Strategy } from './strategy.ts'

export const START = instant(Date.UTC(2026, 0, 5))
const TICK_MS = 600_000
const HOUR_MS = 3_600_000
/** Where a path is not paced, its connections are: so many a day at most. */
const UNPACED_A_DAY = 1_000_000
const WINDOW = 50
/** Ends of the bands that the program tells recipients apart by, as shares of the list, the most engaged first. */
const BANDS = [0.2, 0.45, 0.7, 1]
/** Of those in a band who belong anywhere: what is known of people is old, or a machine's doing. */
const MISJUDGED = 0.2

interface Unit extends ReadyRecipient {
  readonly lots: readonly Lot[]
}

export interface SenderOptions {
  readonly model: Model
  readonly seed: number
  readonly strategy: Strategy
  /** Messages a day that the submitter has for this provider. */
  readonly offered: number
  /** Recipients that a day is played with at most. */
  readonly detail: number
}

export class Sender {
  readonly log: DayLog
  readonly provider: Provider
  readonly #options: SenderOptions
  readonly #clock = new ManualClock(START)
  readonly #random: SeededRandom
  readonly #ready = new ReadyQueue('default', 'mx.example' as SiteName)
  readonly #path: EgressPathMachine
  readonly #shaper: PathShaper
  readonly #backlog: Backlog
  readonly #news: LateNews
  #allowance: number | null = null
  #weight = 1

  constructor(options: SenderOptions) {
    this.#options = options
    this.#random = new SeededRandom(options.seed)
    this.provider = new Provider(options.model, this.#random)
    const path = { source: 'out-1' as EgressSourceName, site: 'mx.example' as SiteName }
    const rests = [1, 5, 15, 30].map((count) => ms(count * 60_000))
    this.#path = new EgressPathMachine(path, rests, this.#random)
    this.#backlog = new Backlog(retrySchedules.bulk.after, this.#random)
    this.#news = new LateNews(options.model.provider, (kind, count, at) =>
      this.#note(kind, count, instant(at), null),
    )
    this.log = new DayLog(START)
    const user = {
      demand: () => this.#ready.demand(this.#clock.monotonic()),
      wake: () => {},
      urgentWaiting: 0,
    }
    // A recipient stands for several here: what each reply teaches is left to the warm-up.
    const lessons = new OwnLessons(new LessonBook(1), this.#clock, () => {})
    const budgets = { rates: new OwnRates(), slots: new OwnSlots(), lessons }
    this.#shaper = new PathShaper(budgets, 'default', path, limitsFor(null), user)
    this.#follow()
  }

  /** Plays whole days; `isOver` is asked after each. */
  run(days: number, isOver: (log: DayLog) => boolean = () => false): void {
    for (let day = 0; day < days; day++) {
      for (let tick = 0; tick < DAY_MS / TICK_MS; tick++) this.#tick()
      if (isOver(this.log)) return
    }
  }

  /** Of the clock's two only the monotonic one is exact over millions of small turns. */
  get #now(): Instant {
    return instant(START + Math.round(this.#clock.monotonic()))
  }

  #tick(): void {
    // Sums of fractions are not exact, and days must be.
    const end = Math.round(this.#clock.monotonic()) + TICK_MS
    this.#backlog.offer((this.#options.offered * TICK_MS) / DAY_MS)
    this.log.today.offered += (this.#options.offered * TICK_MS) / DAY_MS
    while (this.#clock.monotonic() < end) {
      const next = Math.min(end, this.#step(end))
      this.#clock.advance(ms(Math.max(0, next - this.#clock.monotonic())))
    }
    const now = this.#now
    this.#news.tell(now)
    this.log.note(this.provider)
    const decisions = this.#options.strategy.check(now)
    this.log.turnTo(now, decisions)
    this.#follow()
  }

  /** One transaction, where it may be; returns when to look again, monotonic. */
  #step(end: number): number {
    const clock = this.#clock
    const now = clock.monotonic()
    if (this.#allowance === 0) return end
    this.#fill()
    if (this.#ready.size === 0) return end
    const permission = this.#path.next(this.#now)
    if (permission.kind === 'wait') return now + (permission.until - this.#now)
    if (permission.kind === 'idle') return end
    const admission = this.#shaper.admit(now)
    if (admission.kind === 'wait') {
      this.#path.unused()
      return admission.until
    }
    const [unit] = this.#ready.pull() ?? []
    if (unit !== undefined) this.#transact(unit as Unit)
    return this.#allowance === null ? now + (DAY_MS * this.#weight) / UNPACED_A_DAY : now
  }

  #transact({ lots }: Unit): void {
    const now = this.#now
    const hour = (now - START) / HOUR_MS
    for (const [at, lot] of lots.entries()) {
      const answers = this.provider.answer(lot.count, hour, this.#rank(), lot.attempts === 0)
      if (answers.wall === null) {
        this.#settle(lot, answers)
        continue
      }
      const wall = answers.wall === 'deferred' ? replies.deferred : replies.blocked
      this.#say('deferred', wall, 1, 'mail')
      this.log.today.walls++
      this.#path.backOff(now, wall.text)
      for (const untried of lots.slice(at)) this.#backlog.defer(untried, now, untried.count)
      return
    }
    this.#path.success()
  }

  #settle(lot: Lot, answers: Answers): void {
    this.#say('bounced', replies.unknown, answers.unknown, 'content')
    this.#say('deferred', replies.throttled, answers.throttled, 'content')
    this.#say('deferred', replies.greylisted, answers.greylisted, 'content')
    this.#say('deferred', replies.trouble, answers.trouble, 'content')
    // As if it were the last of them: a row of refusals is one that nothing interrupts.
    this.#say('delivered', replies.delivered, answers.delivered, 'content')
    const { throttled, greylisted, trouble } = answers
    this.#backlog.defer(lot, this.#now, throttled + greylisted + trouble)
    this.#news.learn(answers, this.#now, this.#random)
    const { today } = this.log
    today.foldered += answers.foldered
    today.complaints += answers.complaints
    today.engaged += answers.engaged
  }

  /** What the program makes of a reply. */
  #say(
    kind: 'delivered' | 'deferred' | 'bounced',
    said: Reply,
    count: number,
    stage: 'mail' | 'content',
  ): void {
    if (count === 0) return
    const meant = kind === 'delivered' ? null : meaningOf(said, stage)
    const signal = signalOf({ kind, code: said.code, meant })
    const code = kind === 'delivered' ? null : codeIn(said.text, said.enhanced)
    this.#note(signal, count, this.#now, code)
    const { today } = this.log
    today.sent += count
    if (
      signal === 'delivered' ||
      signal === 'deferred' ||
      signal === 'refused' ||
      signal === 'bounced'
    )
      today[signal] += count
  }

  #note(kind: SignalKind, count: number, at: Instant, code: string | null) {
    this.#options.strategy.note(kind, at, count, code)
  }

  /** Who comes next of the list: with a small allowance, and engaged ones first, one of its first bands. */
  #rank(): number {
    const anybody = this.#random.fraction()
    if (!this.#options.strategy.prefersEngaged || this.#allowance === null) return anybody
    if (this.#random.fraction() < MISJUDGED) return anybody
    const part = this.#random.fraction() * Math.min(1, this.#allowance / this.#options.offered)
    const band = Math.max(
      0,
      BANDS.findIndex((end) => part <= end),
    )
    const from = BANDS[band - 1] ?? 0
    return from + ((BANDS[band] ?? 1) - from) * anybody
  }

  #fill(): void {
    while (this.#ready.size < WINDOW) {
      const lots = this.#backlog.take(this.#weight, this.#now)
      if (lots.length === 0) return
      const readySince = this.#clock.monotonic()
      const unit: Unit = { waiting: WAITING, queue: QUEUE, readySince, lots }
      this.#ready.push(unit)
    }
  }

  /** Those who are ready stand for as many as a recipient did before. */
  #regroup(): void {
    for (let [unit] = this.#ready.pull() ?? []; unit; [unit] = this.#ready.pull() ?? [])
      this.#backlog.giveBack((unit as Unit).lots)
  }

  /** The allowance, as a limit of the path. */
  #follow(): void {
    const { detail, offered, strategy } = this.#options
    if (strategy.allowance === this.#allowance && this.log.days.length > 1) return
    this.#allowance = strategy.allowance
    this.#weight = Math.max(1, Math.ceil(Math.min(offered, this.#allowance ?? offered) / detail))
    this.#regroup()
    const count = Math.round((this.#allowance ?? 0) / this.#weight)
    this.#shaper.rebind(limitsFor(this.#allowance === null ? null : Math.max(1, count)))
    this.log.today.allowance = this.#allowance
  }
}

const QUEUE = 'news:shop@example.net' as QueueName
const WAITING = {
  message: { id: 'simulated', priority: 5, mayShareTransaction: false },
} as unknown as ReadyRecipient['waiting']

const meanings = new Map<Reply, ReturnType<typeof classify>['class']>()

/** There are few replies: each is classified once. */
function meaningOf(said: Reply, stage: 'mail' | 'content') {
  let meant = meanings.get(said)
  if (meant === undefined) {
    meant = classify({ ...said, provider: 'outlook', stage }).class
    meanings.set(said, meant)
  }
  return meant
}

function limitsFor(count: number | null): EffectiveLimits {
  if (count === null) return { provider: 'provider', settings: {}, coldSince: null }
  const origin = { level: 'provider', file: 'warm-up', line: 0 } as const
  const value = { count, per: ms(DAY_MS), burst: 1 }
  const settings = { providerMessageRate: { value, origin } }
  return { provider: 'provider', settings, coldSince: null }
}
