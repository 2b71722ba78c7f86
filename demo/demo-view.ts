// SPDX-License-Identifier: Apache-2.0
/** What a person sees: a bar for each provider while mail goes out, and a table at the end. */
import { type Cell, table } from '../src/app/cli/layout.ts'
import type { Terminal } from '../src/app/cli/terminal.ts'
import type { DemoSummary, ProviderSummary } from './demo-summary.ts'

const BAR_WIDTH = 30
const PLAIN_EVERY_MS = 2_000

/** Draws over itself on a terminal; elsewhere a plain line now and then. */
export class ProgressView {
  readonly #terminal: Terminal
  readonly #isLive: boolean
  #drawnLines = 0
  #plainAt = 0

  constructor(terminal: Terminal, isLive: boolean) {
    this.#terminal = terminal
    this.#isLive = isLive
  }

  /** `planned`: messages for each provider, in the order of the summary. */
  show(summary: DemoSummary, planned: readonly number[]): void {
    if (this.#isLive) this.#draw(summary, planned)
    else if (summary.seconds * 1_000 - this.#plainAt >= PLAIN_EVERY_MS) {
      this.#plainAt = summary.seconds * 1_000
      this.#terminal.line(plainLine(summary))
    }
  }

  #draw(summary: DemoSummary, planned: readonly number[]): void {
    const up = this.#drawnLines > 0 ? `\x1b[${this.#drawnLines}A` : ''
    const lines = [
      ...summary.providers.map((row, at) => this.#bar(row, planned[at] ?? 0)),
      this.#terminal.styled('dim', plainLine(summary)),
    ]
    this.#drawnLines = lines.length
    this.#terminal.line(up + lines.map((line) => `${line}\x1b[K`).join('\n'))
  }

  #bar(row: ProviderSummary, planned: number): string {
    const cells = (count: number): number =>
      planned === 0 ? 0 : Math.round((count / planned) * BAR_WIDTH)
    const delivered = cells(row.delivered)
    const bounced = Math.min(BAR_WIDTH - delivered, cells(row.bounced))
    const bar =
      this.#terminal.styled('green', '█'.repeat(delivered)) +
      this.#terminal.styled('red', '█'.repeat(bounced)) +
      this.#terminal.styled('dim', '░'.repeat(BAR_WIDTH - delivered - bounced))
    const numbers = `${String(row.delivered).padStart(5)} delivered  ${String(row.deferred).padStart(4)} deferred  ${String(row.bounced).padStart(3)} bounced`
    return `${row.name.padEnd(11)} ${bar} ${numbers}  ${this.#terminal.styled('dim', row.manner)}`
  }
}

function plainLine({
  seconds,
  accepted,
  delivered,
  deferred,
  bounced,
  waiting,
}: DemoSummary): string {
  return `${seconds.toFixed(1).padStart(5)} s  accepted ${accepted}  delivered ${delivered}  deferred ${deferred}  bounced ${bounced}  waiting ${waiting}`
}

/** The table at the end. */
export function summaryTable(terminal: Terminal, summary: DemoSummary): string {
  const headings = [
    'PROVIDER',
    'ACCEPTED',
    'DELIVERED',
    'DEFERRED',
    'BOUNCED',
    'WAITING',
    'LOST',
    'TWICE',
    'SIGNED',
    'MEDIAN',
    'P99',
    'MANNER',
  ]
  const rows = summary.providers.map((row): readonly Cell[] => [
    row.name,
    ...numbersOf(row, row.duplicates),
    secondsOf(row.medianSeconds),
    secondsOf(row.p99Seconds),
    row.manner,
  ])
  const duplicates = summary.providers.reduce((sum, row) => sum + row.duplicates, 0)
  const total: readonly Cell[] = ['all', ...numbersOf(summary, duplicates), '', '', '']
  return table(terminal, headings, [...rows, total])
}

function numbersOf(row: ProviderSummary | DemoSummary, duplicates: number): readonly number[] {
  const { accepted, delivered, deferred, bounced, waiting, lost, signed } = row
  return [accepted, delivered, deferred, bounced, waiting, lost, duplicates, signed]
}

function secondsOf(value: number | null): string {
  return value === null ? '–' : `${value.toFixed(2)} s`
}
