// SPDX-License-Identifier: Apache-2.0
/**
 * A part of the day in a time zone, on some days of the week: `09:00-17:00 Europe/Berlin mon-fri`. It is open while a clock on the wall
 * there shows a time within, so that a change of daylight saving needs no rule of its own: a time that is skipped is the next one that there
 * is, and an hour that comes twice counts twice. One that goes over midnight is of the day on which it begins.
 */
import { type Instant, instant } from './brand.ts'
import { campaignLimits } from './limits/campaign-limits.ts'
import { nearest } from './nearest.ts'
import { RecentMap } from './recent-map.ts'

export interface DailyWindow {
  /** Minutes of the day; `from` is within, `to` (up to 24:00) is not. */
  readonly from: number
  readonly to: number
  /** Of IANA. */
  readonly zone: string
  /** 0 is Monday; never empty. */
  readonly days: readonly number[]
}

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
const MINUTE_MS = 60_000
const DAY_MINUTES = 24 * 60
const DAY_MS = DAY_MINUTES * MINUTE_MS
/** 1970-01-01 was a Thursday. */
const FIRST_WEEKDAY = 3

/** A text says what is wrong. */
export function parseWindow(text: string): DailyWindow | string {
  const match = /^(\d\d):(\d\d)\s*-\s*(\d\d):(\d\d)\s+(\S+)(?:\s+(\S+))?$/.exec(text.trim())
  if (!match)
    return 'expected such as "09:00-17:00 Europe/Berlin" or "09:00-17:00 Europe/Berlin mon-fri"'
  const [, fromHour, fromMinute, toHour, toMinute, zone = '', dayText = 'mon-sun'] = match
  if (Number(fromMinute) > 59 || Number(toMinute) > 59) return 'an hour has 60 minutes'
  const from = Number(fromHour) * 60 + Number(fromMinute)
  const to = Number(toHour) * 60 + Number(toMinute)
  if (from >= DAY_MINUTES || to > DAY_MINUTES) return 'a day ends at 24:00'
  if (from === to || to === 0) return 'it ends when it begins'
  const known = zoneNamed(zone)
  if (known === null) return unknownZone(zone)
  const days = parseDays(dayText.toLowerCase())
  if (days === null)
    return `"${dayText.slice(0, 40)}" is no days: expected such as mon-fri or sat,sun`
  if (to - from === DAY_MINUTES && days.length === DAYS.length) return 'it never closes'
  return { from, to, zone: known, days }
}

export function formatWindow({ days, from, to, zone }: DailyWindow): string {
  const time = (minutes: number) =>
    `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
  const whole = `${time(from)}-${time(to)} ${zone}`
  return days.length === DAYS.length ? whole : `${whole} ${formatDays(days)}`
}

export function isOpen({ days, from, to, zone }: DailyWindow, at: Instant): boolean {
  const local = at + offsetAt(zone, at)
  const day = Math.floor(local / DAY_MS)
  const minute = Math.floor((local - day * DAY_MS) / MINUTE_MS)
  const isDay = (which: number) => days.includes(weekdayOf(which))
  if (from < to) return isDay(day) && minute >= from && minute < to
  return (isDay(day) && minute >= from) || (isDay(day - 1) && minute < to)
}

/** When it opens or closes next. */
export function changesAt(window: DailyWindow, now: Instant): Instant {
  const is = isOpen(window, now)
  const today = Math.floor((now + offsetAt(window.zone, now)) / DAY_MS)
  const turns = new Set<number>()
  // After a week and a day everything has been; the day before may have an hour that comes again.
  for (let day = today - 1; day <= today + DAYS.length + 1; day++)
    for (const at of turnsOf(window, day)) if (at > now) turns.add(at)
  const next = [...turns]
    .sort((one, other) => one - other)
    .find((at) => isOpen(window, instant(at)) !== is)
  return instant(next ?? Number.POSITIVE_INFINITY)
}

/** All instants at which it may open or close, of one day there. */
function turnsOf({ from, to, zone }: DailyWindow, day: number): readonly number[] {
  const turns: number[] = []
  for (const minute of [from, to]) {
    const local = day * DAY_MS + minute * MINUTE_MS
    // Of a time that is there twice, or not at all, both.
    for (const near of [-DAY_MS, DAY_MS]) turns.push(local - offsetAt(zone, local + near))
  }
  const start = day * DAY_MS - DAY_MS / 2
  const change = changeOfOffset(zone, start, start + 2 * DAY_MS)
  if (change !== null) turns.push(change)
  return turns
}

function changeOfOffset(zone: string, start: number, end: number): number | null {
  const before = offsetAt(zone, start)
  if (offsetAt(zone, end) === before) return null
  let [low, high] = [start, end]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (offsetAt(zone, middle) === before) low = middle
    else high = middle
  }
  return high
}

/** What the clock there is ahead of UTC, in milliseconds. */
function offsetAt(zone: string, at: number): number {
  const seconds = Math.floor(at / 1_000) * 1_000
  const parts: Record<string, number> = {}
  for (const { type, value } of formatterOf(zone).formatToParts(seconds))
    parts[type] = Number(value)
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
  return Date.UTC(year, month - 1, day, hour, minute, second) - seconds
}

/** Each takes some 30 KiB. Requests choose zones, so the number is bounded, and each zone has one spelling. */
const formatters = new RecentMap<string, Intl.DateTimeFormat>(campaignLimits.zones)

function formatterOf(zone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(zone)
  if (formatter === undefined) {
    const numeric = 'numeric'
    formatter = new Intl.DateTimeFormat('en-US', {
      ...{ timeZone: zone, hourCycle: 'h23', year: numeric, month: numeric, day: numeric },
      ...{ hour: numeric, minute: numeric, second: numeric },
    })
    formatters.set(zone, formatter)
  }
  return formatter
}

/** The one spelling of a zone; also of names that have another now, such as Asia/Kolkata. `null`: there is no such zone. */
function zoneNamed(text: string): string | null {
  if (!/^[A-Za-z]+(\/[A-Za-z0-9_+-]+)*$/.test(text)) return null
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: text }).resolvedOptions().timeZone
  } catch {
    // RangeError: it is none.
    return null
  }
}

function zones(): readonly string[] {
  return Intl.supportedValuesOf('timeZone')
}

function unknownZone(text: string): string {
  const meant = nearest(text.slice(0, 64), [...zones()])
  return `there is no time zone "${text.slice(0, 64)}"; ${meant === null ? 'expected one such as Europe/Berlin' : `did you mean "${meant}"?`}`
}

function weekdayOf(day: number): number {
  return (((day + FIRST_WEEKDAY) % DAYS.length) + DAYS.length) % DAYS.length
}

/** `mon-fri`, `sat,sun`, `fri-mon`. */
function parseDays(text: string): readonly number[] | null {
  const days = new Set<number>()
  for (const part of text.split(',')) {
    const [first = '', last = first, ...more] = part.split('-')
    const [start, end] = [DAYS.indexOf(first), DAYS.indexOf(last)]
    if (start < 0 || end < 0 || more.length > 0) return null
    for (let day = start; ; day = (day + 1) % DAYS.length) {
      days.add(day)
      if (day === end) break
    }
  }
  return [...days].sort((one, other) => one - other)
}

function formatDays(days: readonly number[]): string {
  const runs: number[][] = []
  for (const day of days) {
    const run = runs.at(-1)
    if (run?.at(-1) === day - 1) run.push(day)
    else runs.push([day])
  }
  return runs
    .map((run) => [DAYS[run[0] ?? 0], ...(run.length > 1 ? [DAYS[run.at(-1) ?? 0]] : [])].join('-'))
    .join(',')
}
