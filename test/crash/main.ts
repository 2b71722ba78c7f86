// SPDX-License-Identifier: Apache-2.0
/**
 * The crash test: a relay is killed by SIGKILL in the middle of load, again and again, and whatever it answered 250
 * must arrive. `docs/reliability.md` says what is checked.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SystemClock } from '../../src/base/clock.ts'
import { programOptions, wholeNumber } from '../support/program-options.ts'
import { faultLines, roundLine, summary } from './crash-report.ts'
import { runCrashes } from './crash-run.ts'

const HELP = `Usage: npm run crash -- [options]
  --rounds <n>       kills under load (default 100), about two seconds each
  --minutes <n>      no further kill after this, whatever --rounds says (default 1000)
  --workers <n>      of the relay (default 1: a relay of one process, killed as a whole)
  --alive <ms>       the longest that it lives before the next kill (default 1500)
  --seed <n>         of messages and moments (default: the time of day; it is printed)
  --connections <n>  of the submitter (default 8)
  --dir <folder>     for the relay's data, on a disk (default: the system's temporary folder)
  --keep             leaves the relay's folder; without it, it stays only where something was wrong
  --json             the result as JSON, in the last line`

const values = programOptions(HELP, {
  rounds: { type: 'string', default: '100' },
  minutes: { type: 'string', default: '1000' },
  workers: { type: 'string', default: '1' },
  alive: { type: 'string', default: '1500' },
  seed: { type: 'string' },
  connections: { type: 'string', default: '8' },
  dir: { type: 'string', default: tmpdir() },
  keep: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
})

const rounds = wholeNumber('rounds', values.rounds)
const withinMs = wholeNumber('minutes', values.minutes) * 60_000
const workers = wholeNumber('workers', values.workers)
const aliveMs = wholeNumber('alive', values.alive)
const connections = wholeNumber('connections', values.connections)
const seed = wholeNumber('seed', values.seed ?? String(1 + (new SystemClock().now() % 1e5)))
const folder = mkdtempSync(join(values.dir, 'posthaste-crash-'))
const errors = process.stderr

errors.write(`seed ${seed}, ${connections} connections, data in ${folder}\n`)
const result = await runCrashes({
  ...{ folder, rounds, withinMs, workers, aliveMs, seed, connections },
  onRound: (round) => {
    // On a terminal one line is drawn over.
    errors.write(errors.isTTY ? `\r${roundLine(round, rounds)}` : `${roundLine(round, rounds)}\n`)
  },
  onDrain: () => errors.write(`${errors.isTTY ? '\n' : ''}the last start finishes what is left\n`),
})
const isGood = result.faults.length === 0
for (const line of faultLines(result)) errors.write(`${line}\n`)
if (isGood && !values.keep) rmSync(folder, { recursive: true })
else errors.write(`the relay's folder: ${folder}\n`)
const { kills, wholeKills, accepted, lost, duplicated } = result
if (values.json) errors.write(`${summary(result)}\n`)
console.log(
  values.json
    ? JSON.stringify({ rounds: result.rounds, kills, wholeKills, accepted, lost, duplicated })
    : summary(result),
)
process.exitCode = isGood ? 0 : 1
