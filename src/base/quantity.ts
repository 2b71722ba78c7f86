// SPDX-License-Identifier: Apache-2.0
/**
 * Quantities as people write them in configuration: "90m", "25 MiB", "100/s".
 * Each parser returns `null` for what it cannot read; the caller knows the key and says so.
 */
import { type DurationMs, ms } from './brand.ts'

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const
const UNIT_BYTES = { B: 1, KiB: 1_024, MiB: 1_024 ** 2, GiB: 1_024 ** 3, TiB: 1_024 ** 4 } as const
const PERIOD_MS = { s: 1_000, min: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** `100/s`, `1000/h`. Periods: s, min, h, d. */
export interface RateSpec {
  readonly count: number
  readonly per: DurationMs
}

/** `1000/h burst 20`. */
export interface RateLimit extends RateSpec {
  /** How many may go at once after a pause; 1 where it is not said. */
  readonly burst: number
}

/** One or more of number and unit (ms, s, m, h, d, w): "90m", "1h 30m". */
export function parseDuration(text: string): DurationMs | null {
  if (!/^(\d+(\.\d+)?\s*(ms|s|m|h|d|w)\s*)+$/.test(text)) return null
  let total = 0
  for (const [, count, unit] of text.matchAll(/(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)/g))
    total += Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS]
  return ms(total)
}

/** A number and a unit (B, KiB, MiB, GiB, TiB): "25 MiB". */
export function parseSize(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*(B|KiB|MiB|GiB|TiB)$/.exec(text.trim())
  if (!match) return null
  return Math.round(Number(match[1]) * UNIT_BYTES[match[2] as keyof typeof UNIT_BYTES])
}

/** "100/s", "1000/h", "1000/h burst 20". */
export function parseRate(text: string): RateLimit | null {
  const match = /^(\d{1,9})\s*\/\s*(s|min|h|d)(?:\s+burst\s+(\d{1,6}))?$/.exec(text.trim())
  if (!match) return null
  const [count, burst] = [Number(match[1]), Number(match[3] ?? 1)]
  if (count === 0 || burst === 0) return null
  return { count, per: ms(PERIOD_MS[match[2] as keyof typeof PERIOD_MS]), burst }
}

/** As it is written: "100/s", "1000/h burst 20". */
export function formatRate({ count, per, burst }: RateLimit): string {
  const [unit] = Object.entries(PERIOD_MS).find(([, length]) => length === per) ?? [`${per} ms`]
  return `${count}/${unit}${burst === 1 ? '' : ` burst ${burst}`}`
}

/** For people: "450 ms", "3.2 s", "12 m", "5 h 20 m", "3 d 4 h". */
export function formatDuration(duration: number): string {
  if (duration < 1_000) return `${Math.round(duration)} ms`
  if (duration < 60_000) return `${(duration / 1_000).toFixed(duration < 10_000 ? 1 : 0)} s`
  const minutes = Math.round(duration / 60_000)
  if (minutes < 60) return `${minutes} m`
  if (minutes < 1_440) return joinUnits(Math.floor(minutes / 60), 'h', minutes % 60, 'm')
  const wholeHours = Math.round(minutes / 60)
  return joinUnits(Math.floor(wholeHours / 24), 'd', wholeHours % 24, 'h')
}

/** For people: "512 B", "4.0 KiB", "25.0 MiB". */
export function formatSize(bytes: number): string {
  if (bytes < 1_024) return `${bytes} B`
  const units = ['KiB', 'MiB', 'GiB', 'TiB']
  let scaled = bytes / 1_024
  let unit = 0
  while (scaled >= 1_024 && unit < units.length - 1) {
    scaled /= 1_024
    unit++
  }
  return `${scaled.toFixed(1)} ${units[unit]}`
}

function joinUnits(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`
}
