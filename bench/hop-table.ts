// SPDX-License-Identifier: Apache-2.0
/** Results of the hop benchmark in columns. */
import { formatSize } from '../src/base/quantity.ts'
import type { HopResult } from './hop-run.ts'

const columns: readonly (readonly [heading: string, cell: (result: HopResult) => string])[] = [
  ['SIZE', ({ octets }) => formatSize(octets)],
  ['MESSAGES', ({ messages }) => String(messages)],
  ['MESSAGES/S', ({ messagesPerSecond }) => messagesPerSecond.toFixed(0)],
  ['CPU MS/MESSAGE', ({ cpuMsPerMessage }) => cpuMsPerMessage.toFixed(2)],
  ['PEAK MEMORY', ({ peakOctets }) => formatSize(peakOctets)],
  ['ACK P50', ({ ackP50Ms }) => `${ackP50Ms.toFixed(1)} ms`],
  ['ACK P99', ({ ackP99Ms }) => `${ackP99Ms.toFixed(1)} ms`],
  ['LOST', ({ lost }) => String(lost)],
  ['DUPLICATES', ({ duplicates }) => String(duplicates)],
  ['FAILED', ({ failed }) => String(failed)],
  ['UNSIGNED', ({ unsigned }) => String(unsigned)],
]

/** Headings and a line a result. */
export function hopTable(results: readonly HopResult[]): string {
  const rows = [
    columns.map(([heading]) => heading),
    ...results.map((result) => columns.map(([, cell]) => cell(result))),
  ]
  const widths = columns.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)))
  return rows
    .map((row) => row.map((cell, at) => cell.padStart(widths[at] ?? 0)).join('  '))
    .join('\n')
}
