// SPDX-License-Identifier: Apache-2.0
/** Aligned text for people. What comes from records or peers is shown with its control characters made visible. */
import type { Style, Terminal } from './terminal.ts'

export interface StyledCell {
  readonly text: string
  readonly style: Style
}

export type Cell = string | number | StyledCell

const GAP = '  '

/** What a list says, where it may have been asked for those in one state. */
export function listOf(
  all: readonly unknown[],
  state: string | undefined,
  text: () => string,
): string {
  return all.length === 0 && state !== undefined ? `None of them is ${state}.` : text()
}

/**
 * Columns as wide as their widest cell; columns of numbers stand to the right.
 */
export function table(
  terminal: Terminal,
  headings: readonly string[],
  rows: readonly (readonly Cell[])[],
): string {
  const heads = headings.map((text): Cell => ({ text, style: 'dim' }))
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => textOf(row[column]).length)),
  )
  const isNumeric = headings.map(
    (_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === 'number'),
  )
  return [heads, ...rows]
    .map((row) =>
      row
        .map((cell, column) => {
          const padding = ' '.repeat((widths[column] ?? 0) - textOf(cell).length)
          const shown = styledOf(terminal, cell)
          if (isNumeric[column]) return padding + shown
          return column === row.length - 1 ? shown : shown + padding
        })
        .join(GAP),
    )
    .join('\n')
}

/** One fact a line, the values below each other. `null` is left out. */
export function facts(
  terminal: Terminal,
  pairs: readonly (readonly [label: string, value: Cell | null])[],
): string {
  const shown = pairs.filter((pair): pair is readonly [string, Cell] => pair[1] !== null)
  const width = Math.max(0, ...shown.map(([label]) => label.length))
  return shown
    .map(
      ([label, value]) =>
        `${terminal.styled('dim', label.padEnd(width))}${GAP}${styledOf(terminal, value)}`,
    )
    .join('\n')
}

/** `2026-01-31 23:59:59 UTC`. */
export function pointInTime(at: number | string): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

/** Of a credential or key. */
export function lastUseInWords(use: {
  readonly lastUsedAt: string | null
  readonly lastUsedFrom: string | null
}): string {
  const { lastUsedAt, lastUsedFrom } = use
  return lastUsedAt === null ? 'never' : `${pointInTime(lastUsedAt)} from ${lastUsedFrom}`
}

/**
 * Control characters as `\x1b`: a peer's words must not steer the terminal. Those that turn the direction of
 * writing, too, as `\u202e`: they would show an address as another one.
 */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, (letter) => {
    if (letter === '\t') return ' '
    const code = letter.charCodeAt(0)
    return code < 0x100
      ? `\\x${code.toString(16).padStart(2, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`
  })
}

function textOf(cell: Cell | undefined): string {
  if (cell === undefined) return ''
  return printable(typeof cell === 'object' ? cell.text : String(cell))
}

function styledOf(terminal: Terminal, cell: Cell): string {
  const text = textOf(cell)
  return typeof cell === 'object' ? terminal.styled(cell.style, text) : text
}
