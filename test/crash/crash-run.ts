// SPDX-License-Identifier: Apache-2.0
/**
 * Rounds of load, SIGKILL and restart on one data directory; then the relay may finish, and the books are compared.
 *
 *   start ──▶ load for 50–1,500 ms ──▶ SIGKILL ──▶ start …    sometimes SIGKILL comes while it starts
 */
import { globSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ControlClient } from '../../src/api/control-client.ts'
import { controlSocketFile } from '../../src/app/data-files.ts'
import { ms } from '../../src/base/brand.ts'
import { SystemClock } from '../../src/base/clock.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { EventAccount } from './event-account.ts'
import { CONNECTIONS_OUT, type Installation, install } from './installation.ts'
import { LetterWriter } from './letter.ts'
import { Book, submitUntilGone } from './load.ts'
import { Receiver } from './receiver.ts'
import { RelayProcess } from './relay-process.ts'
import { judge, type Verdict } from './verdict.ts'

export interface CrashOptions {
  /** There and empty; everything is below it. */
  readonly folder: string
  readonly rounds: number
  readonly seed: number
  /** Of the submitter. */
  readonly connections: number
  readonly onRound: (round: RoundReport) => void
  readonly onDrain: () => void
}

export interface RoundReport {
  readonly round: number
  /** From the start of the process to its first connection. */
  readonly restartMs: number
  /** From then to the kill. */
  readonly aliveMs: number
  /** Recipients, in all so far. */
  readonly accepted: number
  readonly unanswered: number
}

export interface CrashResult extends Verdict {
  readonly kills: number
  /** One for each start that was let finish. */
  readonly restartsMs: readonly number[]
  readonly seconds: number
}

const ALIVE_MS = { least: 50, most: 1_500 }
/** How often a start is killed before it takes mail, and when: recovery may be under way. */
/** How often the index is gone as well, and is made anew from the segments. */
const UNINDEXED_SHARE = 0.08
const STILLBORN = { share: 0.15, leastMs: 150, mostMs: 600 }

export async function runCrashes(options: CrashOptions): Promise<CrashResult> {
  const clock = new SystemClock()
  const begun = clock.monotonic()
  await using receiver = await Receiver.start()
  const installation = await install(options.folder, receiver.port)
  const chance = new SeededRandom(options.seed)
  const between = (least: number, most: number) => ms(least + chance.fraction() * (most - least))
  const writer = new LetterWriter(new SeededRandom(options.seed + 1))
  const book = new Book()
  const complaints: string[] = []
  let starts = 0
  const start = () => {
    const program = starts++ % 2 === 0 ? 'plain' : 'hurried'
    return new RelayProcess(installation, program, clock, (line) => complaints.push(line))
  }
  const restartsMs: number[] = []
  let kills = 0

  for (let round = 1; round <= options.rounds; round++) {
    if (chance.fraction() < STILLBORN.share) {
      const stillborn = start()
      await clock.sleep(between(STILLBORN.leastMs, STILLBORN.mostMs))
      await stillborn.kill()
      kills++
    }
    if (chance.fraction() < UNINDEXED_SHARE) removeIndex(installation)
    const relay = start()
    const { port, tookMs } = await relay.ready
    restartsMs.push(tookMs)
    const target = { port, secret: installation.secret }
    const load = submitUntilGone(target, options.connections, writer, book)
    const aliveMs = between(ALIVE_MS.least, ALIVE_MS.most)
    await Promise.race([clock.sleep(aliveMs), load])
    await relay.kill()
    await load
    kills++
    const counts = { accepted: book.accepted.size, unanswered: book.unanswered.size }
    options.onRound({ round, restartMs: tookMs, aliveMs, ...counts })
  }

  options.onDrain()
  const relay = start()
  restartsMs.push((await relay.ready).tookMs)
  const account = new EventAccount(book.accepted)
  await account.follow(new ControlClient(controlSocketFile(installation.dataDir)), clock)
  const exitCode = await relay.stop()
  if (exitCode !== 0) complaints.push(`ended with ${exitCode} after SIGTERM`)
  const verdict = judge(book, account, await receiver.arrivals(), CONNECTIONS_OUT * kills)
  const faults = [...verdict.faults, ...complaintsOf(complaints)]
  const seconds = (clock.monotonic() - begun) / 1_000
  return { ...verdict, faults, kills, restartsMs, seconds }
}

function removeIndex({ dataDir }: Installation): void {
  for (const file of globSync('journal-*/index.sqlite*', { cwd: dataDir }))
    rmSync(join(dataDir, file))
}

function complaintsOf(lines: readonly string[]) {
  return lines.length === 0 ? [] : [{ what: 'complaints of the relay', who: lines }]
}
