// SPDX-License-Identifier: Apache-2.0
/**
 * What a provider has said of one source: counts for slices of ten minutes, of which the last day is kept, and for days (UTC).
 * A signal counts when it is learned: a complaint about yesterday's mail is one of today.
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
}

export interface DayCounts {
  /** Days since 1970. */
  readonly number: number
  readonly counts: Counts
}

export interface SignalsSnapshot {
  readonly slices: readonly DayCounts[]
  readonly days: readonly DayCounts[]
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
    for (const { counts, number } of slices)
      signals.#slices.push({ number, counts: { ...nothing, ...counts } })
    for (const { counts, number } of days)
      signals.#days.push({ number, counts: { ...nothing, ...counts } })
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
      periods.map(({ counts, number }) => ({ number, counts: { ...counts } }))
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
    periodOf(this.#slices, slice, warmUpLimits.slices)[kind] += count
    periodOf(this.#days, dayOf(at), warmUpLimits.days)[kind] += count
    if (kind === 'delivered') this.#refusedInRow = this.#deferredInRow = 0
    else if (kind === 'refused') this.#refusedInRow += count
    else if (kind === 'deferred') this.#deferredInRow += count
    if (code !== null) this.#codes.set(kind, code.slice(0, warmUpLimits.codeCharacters))
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
function periodOf(periods: Period[], number: number, most: number): Tally {
  const last = periods.at(-1)
  if (last !== undefined && last.number >= number) return last.counts
  const counts: Tally = { ...nothing }
  periods.push({ number, counts })
  if (periods.length > most) periods.shift()
  return counts
}
