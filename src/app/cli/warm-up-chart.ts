// SPDX-License-Identifier: Apache-2.0
/** Days of a warm-up as lines of a chart: what was allowed, what of it was sent, and the signals. */
import type { WarmUpDetails } from '../../api/resources/warm-up-fields.ts'
import { type Cell, table } from './layout.ts'
import type { Terminal } from './terminal.ts'

type DayRow = WarmUpDetails['days'][number]

/** Characters of the largest day. */
const WIDTH = 30

/** Allowances grow by powers, and so do bars. */
export function warmUpChart(terminal: Terminal, days: readonly DayRow[]): string {
  const most = Math.max(1, ...days.flatMap(({ allowance, sent }) => [allowance ?? 0, sent]))
  return table(
    terminal,
    [
      'DAY',
      'SENT ▇ OF WHAT WAS ALLOWED ·',
      'SENT',
      'ALLOWED',
      'DEFERRED',
      'REFUSED',
      'BOUNCED',
      'RETURNED',
      'SPAM',
    ],
    days.map((day) => [
      day.day,
      bar(day, most),
      day.sent,
      day.allowance === null ? 'no limit' : String(day.allowance),
      share(day.deferred, day.sent),
      share(day.refused, day.sent),
      share(day.bounced, day.sent),
      share(day.returned, day.delivered),
      share(day.complained, day.delivered),
    ]),
  )
}

function bar({ allowance, sent }: DayRow, most: number): Cell {
  const full = lengthOf(sent, most)
  const allowed = allowance === null ? full : lengthOf(allowance, most)
  return '▇'.repeat(full) + '·'.repeat(Math.max(0, allowed - full))
}

function lengthOf(count: number, most: number): number {
  return Math.round((WIDTH * Math.log1p(count)) / Math.log1p(most))
}

function share(count: number, of: number): string {
  if (count === 0) return '-'
  return of === 0 ? String(count) : `${Number(((100 * count) / of).toPrecision(2))} %`
}
