// SPDX-License-Identifier: Apache-2.0
/** A table for people: a mark for each cell, and under it why a cell is red or grey. */
import { styleText } from 'node:util'
import type { Cell, Table } from './matrix.ts'

const marks = { green: 'ok', red: 'RED', grey: '–' } as const
const styles = { green: 'green', red: 'red', grey: 'gray' } as const
const GAP = '  '

export function printedTable({ title, columns, rows }: Table): string {
  const nameWidth = Math.max(...rows.map(({ peer }) => peer.length))
  const head = [''.padEnd(nameWidth), ...columns].join(GAP)
  const lines = rows.map(({ peer, cells }) => {
    const shown = columns.map((column) => markOf(cells.get(column), column.length))
    return [peer.padEnd(nameWidth), ...shown].join(GAP)
  })
  return [styleText('bold', title), head, ...lines, '', ...notesOf({ title, columns, rows })].join(
    '\n',
  )
}

function markOf(cell: Cell | undefined, width: number): string {
  if (cell === undefined) return ''.padEnd(width)
  return styleText(styles[cell.colour], marks[cell.colour].padEnd(width))
}

/** Grey in one line each, red with all that was seen. */
function notesOf({ columns, rows }: Table): readonly string[] {
  const notes = new Map<string, string[]>()
  for (const { peer, cells } of rows)
    for (const column of columns) {
      const cell = cells.get(column)
      if (cell === undefined || cell.colour === 'green') continue
      const key = `${marks[cell.colour]} ${peer}: ${cell.why}`
      notes.set(key, [...(notes.get(key) ?? []), column])
    }
  return [...notes].map(([key, names]) => {
    const [head = '', ...rest] = key.split('\n')
    return [`${head} (${names.join(', ')})`, ...rest.map((line) => `    ${line}`)].join('\n')
  })
}
