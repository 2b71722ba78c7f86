// SPDX-License-Identifier: Apache-2.0
/**
 * What a provider has said of one source: counts for slices of ten minutes, of which the last day is kept, and for days (UTC).
 * A signal counts when it is learned: a complaint about yesterday's mail is one of today. What was returned keeps the day of its mail.
 */
import type { Instant } from '../../base/brand.ts'
import { warmUpLimits } from '../../base/limits/warm-up-limits.ts'

export const DAY_MS = 86_400_000

export const signalKinds = [
  /** Answers to recipients. */
  'delivered',
  /** Put off because of us: our rate, our name. A full mailbox or a greylisting is none. */
  'deferred',
  /** Refused for a policy or our reputation. */
  'refused',
  /** There is no such recipient. */
  'bounced',
  /** Whatever else an attempt came to. */
  'other',
  /** What is learned later, of those that were delivered. */
  'complained',
  /** There was no such recipient after all. */
  'returned',
  'inboxed',
  'foldered',
  'engaged',
] as const
export type SignalKind = (typeof signalKinds)[number]

export type Counts = { readonly [Kind in SignalKind]: number }
type Tally = { -readonly [Kind in SignalKind]: number }

/** One slice or one day. */
interface Period {
  /** Since 1970. */
  readonly number: number
  readonly counts: Tally
  /** Of a day: what was returned, by the day on which that was delivered. */
  readonly returnedOf: Map<number, number>
}

export interface DayCounts {
  /** Days since 1970. */
  readonly number: number
  readonly counts: Counts
}

interface KeptPeriod extends DayCounts {
  readonly returnedOf?: readonly (readonly [number, number])[]
}

export interface SignalsSnapshot {
  readonly slices: readonly KeptPeriod[]
  readonly days: readonly KeptPeriod[]
  readonly codes: Readonly<Record<string, string>>
  readonly inRow: { readonly refused: number; readonly deferred: number }
}

export class Signals {
  /** In order of time. */
  readonly #slices: Period[] = []
  readonly #days: Period[] = []
  /** Refused and deferred since something was delivered. */
  #refusedInRow = 0
  #deferredInRow = 0
  /** The last words in which something was refused, by kind. */
  readonly #codes = new Map<string, string>()

  static from({ codes, days, inRow, slices }: SignalsSnapshot): Signals {
    const signals = new Signals()
    const restored = ({ counts, number, returnedOf }: KeptPeriod): Period => ({
      number,
      counts: { ...nothing, ...counts },
      returnedOf: new Map(returnedOf),
    })
    signals.#slices.push(...slices.map(restored))
    signals.#days.push(...days.map(restored))
    signals.#refusedInRow = inRow.refused
    signals.#deferredInRow = inRow.deferred
    for (const kind of signalKinds) {
      const code = codes[kind]
      if (code !== undefined) signals.#codes.set(kind, code)
    }
    return signals
  }

  snapshot(): SignalsSnapshot {
    const copy = (periods: readonly Period[]) =>
      periods.map(({ counts, number, returnedOf }) => ({
        number,
        counts: { ...counts },
        ...(returnedOf.size > 0 && { returnedOf: [...returnedOf] }),
      }))
    return {
      slices: copy(this.#slices),
      days: copy(this.#days),
      codes: Object.fromEntries(this.#codes),
      inRow: this.inRow,
    }
  }

  /** `code`: of the receiver's words, for people. */
  note(kind: SignalKind, at: Instant, count = 1, code: string | null = null): void {
    const slice = Math.floor(at / warmUpLimits.sliceMs)
    periodOf(this.#slices, slice, warmUpLimits.slices).counts[kind] += count
    periodOf(this.#days, dayOf(at), warmUpLimits.days).counts[kind] += count
    if (kind === 'delivered') this.#refusedInRow = this.#deferredInRow = 0
    else if (kind === 'refused') this.#refusedInRow += count
    else if (kind === 'deferred') this.#deferredInRow += count
    if (code !== null) this.#codes.set(kind, code.slice(0, warmUpLimits.codeCharacters))
  }

  /** Learned `at`, that mail delivered at `deliveredAt` had no such recipient. Of a day that is forgotten it says nothing. */
  noteReturned(at: Instant, deliveredAt: Instant): void {
    const day = dayOf(deliveredAt)
    if (this.day(day).delivered === 0) return
    this.note('returned', at)
    const { returnedOf } = periodOf(this.#days, dayOf(at), warmUpLimits.days)
    returnedOf.set(day, (returnedOf.get(day) ?? 0) + 1)
  }

  /** Of what was returned on a day: each is a share of what was delivered on the day of its mail. */
  returnedShare(number: number): number {
    let share = 0
    for (const [day, count] of this.#days.find((each) => each.number === number)?.returnedOf ?? [])
      share += count / Math.max(count, this.day(day).delivered)
    return share
  }

  /** What was refused or put off since something was delivered: nothing else went well meanwhile. */
  get inRow(): { readonly refused: number; readonly deferred: number } {
    return { refused: this.#refusedInRow, deferred: this.#deferredInRow }
  }

  /** After a pause: what comes then says whether it is over. */
  forgetRow(): void {
    this.#refusedInRow = 0
    this.#deferredInRow = 0
  }

  codeOf(kind: string): string | null {
    return this.#codes.get(kind) ?? null
  }

  day(number: number): Counts {
    return this.#days.find((day) => day.number === number)?.counts ?? nothing
  }

  /** The oldest first. */
  get days(): readonly DayCounts[] {
    return this.#days
  }

  /** What was said since `from`, from the last slice before `now` backwards: the sum of one slice, of two, and so on. */
  *backwards(now: Instant, from: Instant): IterableIterator<Counts> {
    const sum: Tally = { ...nothing }
    const first = Math.floor(from / warmUpLimits.sliceMs)
    for (let at = this.#slices.length - 1; at >= 0; at--) {
      const slice = this.#slices[at]
      if (slice === undefined || slice.number < first) return
      if (slice.number * warmUpLimits.sliceMs > now) continue
      for (const kind of signalKinds) sum[kind] += slice.counts[kind]
      yield { ...sum }
    }
  }

  /** What was said since `from`. */
  since(now: Instant, from: Instant): Counts {
    let all = nothing
    for (const counts of this.backwards(now, from)) all = counts
    return all
  }
}

export const nothing: Counts = Object.freeze(
  Object.fromEntries(signalKinds.map((kind) => [kind, 0])) as unknown as Counts,
)

/** What was sent and answered. */
export function answersIn({ bounced, deferred, delivered, other, refused }: Counts): number {
  return delivered + deferred + refused + bounced + other
}

/** Since 1970, UTC. */
export function dayOf(at: Instant): number {
  return Math.floor(at / DAY_MS)
}

/** One that was set back in time counts for the last period. */
function periodOf(periods: Period[], number: number, most: number): Period {
  const last = periods.at(-1)
  if (last !== undefined && last.number >= number) return last
  const period: Period = { number, counts: { ...nothing }, returnedOf: new Map() }
  periods.push(period)
  if (periods.length > most) periods.shift()
  return period
}
