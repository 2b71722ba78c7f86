// SPDX-License-Identifier: Apache-2.0
/**
 * Who gets on with us: a row for each program of other people, a column for each thing that is exercised. A cell is
 * `green`; `red` with the reason; or `grey` where the program does not speak it, and its own documents or its EHLO show that.
 */
import { type DurationMs, seconds } from '../../src/base/brand.ts'
import { messageOf } from '../../src/base/errors.ts'
import { inTime } from '../support/in-time.ts'

export type Cell =
  | { readonly colour: 'green' }
  | { readonly colour: 'red'; readonly why: string }
  | { readonly colour: 'grey'; readonly why: string }

export interface Row {
  readonly peer: string
  readonly cells: ReadonlyMap<string, Cell>
}

export interface Table {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly Row[]
}

/** Thrown by a trial: what was asked for is not spoken, and `message` says where that is written. */
export class NotSpoken extends Error {
  override readonly name = 'NotSpoken'
}

/** What one program and one column make together: resolves where all is well. */
export type Trial = () => Promise<void>

/** With all steps of a trial: each has its own. */
const PATIENCE: DurationMs = seconds(180)

export async function cellOf(trial: Trial): Promise<Cell> {
  try {
    await inTime(trial(), () => `nothing came of it within ${PATIENCE} ms`, PATIENCE)
    return { colour: 'green' }
  } catch (thrown) {
    const why = messageOf(thrown)
    return { colour: thrown instanceof NotSpoken ? 'grey' : 'red', why }
  }
}

/** A program that cannot be had or started. */
export function redRow(peer: string, columns: readonly string[], why: string): Row {
  return { peer, cells: new Map(columns.map((column) => [column, { colour: 'red', why }])) }
}

/** One cell after the other: most programs keep one log. */
export async function rowOf(peer: string, trials: ReadonlyMap<string, Trial>): Promise<Row> {
  const cells = new Map<string, Cell>()
  for (const [column, trial] of trials) cells.set(column, await cellOf(trial))
  return { peer, cells }
}

export function redCells({ rows }: Table): readonly string[] {
  return rows.flatMap(({ peer, cells }) =>
    [...cells].flatMap(([column, cell]) =>
      cell.colour === 'red' ? [`${peer}, ${column}: ${cell.why}`] : [],
    ),
  )
}
