// SPDX-License-Identifier: Apache-2.0
/** Samples of a duration as bars for a terminal: a line for each doubling, since a tail is thin and long. */
import { table } from '../src/app/cli/layout.ts'
import type { Terminal } from '../src/app/cli/terminal.ts'

const FIRST_MS = 0.5
const LONGEST_BAR = 50

/** `ascending` in milliseconds, at least one. A bar is of at least one mark where there is anything. */
export function histogram(terminal: Terminal, ascending: readonly number[]): string {
  const bars = countedByDoubling(ascending)
  const most = Math.max(...bars.map(({ count }) => count))
  const rows = bars.map(({ belowMs, count }) => [
    `< ${belowMs} ms`,
    count,
    `${((count * 100) / ascending.length).toFixed(3)} %`,
    '█'.repeat(Math.ceil((count * LONGEST_BAR) / most)),
  ])
  return table(terminal, ['TOOK', 'MESSAGES', 'SHARE', ''], rows)
}

function countedByDoubling(ascending: readonly number[]) {
  const bars: { belowMs: number; count: number }[] = []
  let counted = 0
  for (let belowMs = FIRST_MS; counted < ascending.length; belowMs *= 2) {
    const above = ascending.findIndex((sample, index) => index >= counted && sample >= belowMs)
    const end = above === -1 ? ascending.length : above
    bars.push({ belowMs, count: end - counted })
    counted = end
  }
  return bars
}
