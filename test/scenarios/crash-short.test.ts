// SPDX-License-Identifier: Apache-2.0
/** A few rounds of the crash test (`npm run crash`), so that it cannot rot; `docs/reliability.md` has the long one. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'

const program = join(import.meta.dirname, '../crash/main.ts')
/** Long enough for a machine that is busy with other tests to take mail. */
const ONE = { rounds: 5, aliveMs: 3_000, seed: 1 }
const WORKERS = { rounds: 30, aliveMs: 400, seed: 29 }

test('A relay that is killed in the middle of load loses nothing that it answered 250', async () => {
  const { code, output, errors } = await run(
    ...['--rounds', String(ONE.rounds), '--alive', String(ONE.aliveMs)],
    ...['--seed', String(ONE.seed), '--json'],
  )
  assert.equal(code, 0, errors)
  const result = JSON.parse(output.trimEnd().split('\n').at(-1) ?? '')
  assert.deepEqual(Object.keys(result), [
    'rounds',
    'kills',
    'wholeKills',
    'accepted',
    'lost',
    'duplicated',
  ])
  assert.equal(result.rounds, ONE.rounds)
  assert.ok(result.accepted > 0)
  assert.equal(result.lost, 0)
  assert.equal(errors.match(/^round /gm)?.length, ONE.rounds, 'a line of progress a round')
})

test('Workers, control and all of a relay of several processes may be killed under load', async () => {
  const { code, output, errors } = await run(
    ...['--rounds', String(WORKERS.rounds), '--alive', String(WORKERS.aliveMs)],
    ...['--seed', String(WORKERS.seed), '--workers', '2', '--json'],
  )
  assert.equal(code, 0, errors)
  const result = JSON.parse(output.trimEnd().split('\n').at(-1) ?? '')
  assert.equal(result.rounds, WORKERS.rounds)
  assert.ok(result.wholeKills >= WORKERS.rounds / 10)
  assert.ok(result.accepted > 0)
  assert.equal(result.lost, 0)
  for (const victim of ['worker', 'control', 'the supervisor', 'everything'])
    assert.match(errors, new RegExp(`^round .*${victim}.* killed `, 'm'))
})

test('The crash test refuses a number of rounds that is none', async () => {
  const { code, errors } = await run('--rounds', 'many')
  assert.equal(code, 64)
  assert.match(errors, /--rounds many: expected a whole number/)
})

function run(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly output: string; readonly errors: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], (error, output, errors) =>
      resolve({ code: Number(error?.code ?? 0), output, errors }),
    )
  })
}
