// SPDX-License-Identifier: Apache-2.0
/**
 * Nominal types over primitives, so that a duration is never passed where an instant is wanted.
 * The casts of the whole program's numbers live here.
 */

declare const brand: unique symbol

/** `T` that only its maker can produce. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name }

/** Wall-clock time in milliseconds since 1970-01-01T00:00:00Z. For records and due times. */
export type Instant = Brand<number, 'Instant'>

/** A length of time in milliseconds. */
export type DurationMs = Brand<number, 'DurationMs'>

/** Monotonic time in whole microseconds, for arithmetic that must be exact. */
export type Micros = Brand<number, 'Micros'>

export function instant(msSinceEpoch: number): Instant {
  return msSinceEpoch as Instant
}

export function ms(duration: number): DurationMs {
  return duration as DurationMs
}

export function micros(count: number): Micros {
  return count as Micros
}

/** Of monotonic time in milliseconds. */
export function microsOf(monotonic: DurationMs): Micros {
  return Math.floor(monotonic * 1_000) as Micros
}

export function seconds(count: number): DurationMs {
  return (count * 1_000) as DurationMs
}

export function minutes(count: number): DurationMs {
  return (count * 60_000) as DurationMs
}

export function hours(count: number): DurationMs {
  return (count * 3_600_000) as DurationMs
}

export function days(count: number): DurationMs {
  return (count * 86_400_000) as DurationMs
}

export function plus(at: Instant, duration: DurationMs): Instant {
  return (at + duration) as Instant
}

/** `later - earlier`; negative where the wall clock was set back. */
export function between(earlier: Instant, later: Instant): DurationMs {
  return (later - earlier) as DurationMs
}
