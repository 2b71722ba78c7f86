// SPDX-License-Identifier: Apache-2.0
/** The matrix as tests: one for each cell. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { filledTable, isBuildMachine, type Part, type Peer } from './availability.ts'

export async function testCells<P extends Peer>(part: Part<P>): Promise<void> {
  const { table, note } = await filledTable(part, isBuildMachine)
  describe(table.title, () => {
    for (const { peer, cells } of table.rows)
      for (const [column, cell] of cells) {
        const what = cell.colour === 'grey' ? ` is not spoken: ${cell.why}` : ''
        test(`${peer}: ${column}${what}`, () => {
          if (cell.colour === 'red') assert.fail(cell.why)
        })
      }
    if (note !== null) test(note, { skip: true }, () => {})
  })
}
