// SPDX-License-Identifier: Apache-2.0
/** Results of the hop benchmark for people: the figures, where the time goes, and what has changed. */

import { type Cell, table } from '../src/app/cli/layout.ts'
import type { Style, Terminal } from '../src/app/cli/terminal.ts'
import { formatSize } from '../src/base/quantity.ts'
import { type HopResult, isQuiet } from './hop-result.ts'
import { type Spread, spreadText } from './spread.ts'
import type { StoredResults } from './stored-results.ts'

export function hopTable(terminal: Terminal, results: readonly HopResult[]): string {
  const headings = [
    'SIZE',
    'MESSAGES/S',
    'CPU MS/MESSAGE',
    'ACK P50',
    'ACK P99',
    'PEAK MEMORY',
    'MAIL',
  ]
  const rows = results.map((result) => [
    formatSize(result.octets),
    spreadText(result.messagesPerSecond, 0),
    spreadText(result.cpuMsPerMessage, 2),
    `${result.ackP50Ms.median.toFixed(1)} ms`,
    `${result.ackP99Ms.median.toFixed(1)} ms`,
    formatSize(result.peakOctets),
    mailCell(result),
  ])
  return table(terminal, headings, rows)
}

/** A column a size, in µs of CPU a message; what is less than half a µs everywhere is left out. */
export function stageTable(terminal: Terminal, results: readonly HopResult[]): string {
  const totals = results.map(({ stages }) => stages.reduce((sum, { micros }) => sum + micros, 0))
  const names = [...new Set(results.flatMap(({ stages }) => stages.map(({ stage }) => stage)))]
  const micros = (stage: string) =>
    results.map(({ stages }) => stages.find((share) => share.stage === stage)?.micros ?? 0)
  const rows = names
    .filter((stage) => Math.max(...micros(stage)) >= 0.5)
    .map((stage): Cell[] => [
      stage,
      ...micros(stage).flatMap((part, at): Cell[] => [
        Math.round(part),
        { text: `${((part * 100) / (totals[at] ?? 1)).toFixed(1).padStart(4)} %`, style: 'dim' },
      ]),
    ])
  const headings = results.flatMap(({ octets }) => [`µs AT ${formatSize(octets)}`, ''])
  return table(terminal, ['STAGE', ...headings], rows)
}

/** A line a size and figure, and one where the machine was not quiet. */
export function comparisonLines(
  terminal: Terminal,
  results: readonly HopResult[],
  stored: StoredResults | null,
): readonly string[] {
  const busy = Math.max(...results.map(({ coresElsewhere }) => coresElsewhere))
  const warning = `Other programs kept ${busy.toFixed(1)} cores busy: the figures are theirs, too.`
  return [
    ...(stored === null
      ? ['Nothing is stored of a machine like this to compare with; --store does it.']
      : results.flatMap((result) => compared(terminal, result, stored))),
    ...(results.every(isQuiet) ? [] : [terminal.styled('yellow', warning)]),
  ]
}

function compared(terminal: Terminal, result: HopResult, { at, results }: StoredResults): string[] {
  const before = results.find(({ octets }) => octets === result.octets)
  const size = formatSize(result.octets)
  if (!before) return [`${size}: nothing is stored of this size.`]
  const change = (
    what: string,
    of: (result: HopResult) => Spread,
    digits: number,
    good: 1 | -1,
  ) => {
    const [now, then] = [of(result), of(before)]
    const difference = now.median / then.median - 1
    const isOutside = now.lowest > then.highest || now.highest < then.lowest
    const verdict = isOutside ? '' : ', within the spread'
    const changed = `${difference < 0 ? '−' : '+'}${Math.abs(difference * 100).toFixed(1)} %${verdict}`
    const style: Style = !isOutside ? 'dim' : difference * good > 0 ? 'green' : 'red'
    return `${size}: ${what} ${spreadText(now, digits)}, on ${at} ${spreadText(then, digits)}: ${terminal.styled(style, changed)}`
  }
  return [
    change('messages/s', ({ messagesPerSecond }) => messagesPerSecond, 0, 1),
    change('CPU ms/message', ({ cpuMsPerMessage }) => cpuMsPerMessage, 2, -1),
  ]
}

function mailCell({ lost, duplicates, failed, unsigned }: HopResult): Cell {
  const wrong = Object.entries({ lost, duplicates, failed, unsigned }).filter(([, n]) => n > 0)
  if (wrong.length === 0) return { text: 'all right', style: 'green' }
  return { text: wrong.map(([what, count]) => `${count} ${what}`).join(', '), style: 'red' }
}
