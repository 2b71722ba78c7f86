// SPDX-License-Identifier: Apache-2.0
/** The scores in `docs/classification.md`, as `npm run score -- --write` leaves them there. */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { between, CLASSIFICATION_PAGE } from '../../scripts/classification-page.ts'
import { percent, type Score } from './verdicts.ts'

const page = fileURLToPath(new URL(`../../${CLASSIFICATION_PAGE}`, import.meta.url))

export function writeScores(
  scores: readonly (readonly [title: string, Score])[],
  readings: readonly (readonly [title: string, right: number, of: number])[],
): void {
  const rows = scores.map(
    ([title, { right, of, harmful, mustNotSuppress }]) =>
      `| ${title} | ${right} of ${of} (${percent(right, of)}) | ${harmful} of ${mustNotSuppress} |`,
  )
  const table = [
    '| | coarse class right | suppressed that must not be |',
    '| --- | --- | --- |',
    ...rows,
    '',
    '| | exactly right |',
    '| --- | --- |',
    ...readings.map(
      ([title, right, of]) => `| ${title} | ${right} of ${of} (${percent(right, of)}) |`,
    ),
  ]
  writeFileSync(page, between(readFileSync(page, 'utf8'), 'scores', table.join('\n')))
}
