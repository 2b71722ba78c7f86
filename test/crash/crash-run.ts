// SPDX-License-Identifier: Apache-2.0
/** Rounds of kills on one data directory; then the relay may finish, and the books are compared. */
import { ControlClient } from '../../src/api/control-client.ts'
import { controlSocketFile } from '../../src/app/data-files.ts'
import { SystemClock } from '../../src/base/clock.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { EventAccount } from './event-account.ts'
import { CONNECTIONS_OUT, install } from './installation.ts'
import { LetterWriter } from './letter.ts'
import { Book } from './load.ts'
import { Receiver } from './receiver.ts'
import { Rounds } from './rounds.ts'
import { judge, type Verdict } from './verdict.ts'

export interface CrashOptions {
  /** There and empty; everything is below it. */
  readonly folder: string
  readonly rounds: number
  /** No further round begins after this, milliseconds. */
  readonly withinMs: number
  /** 1: a relay of one process. */
  readonly workers: number
  readonly seed: number
  /** The longest that a relay lives before the next kill, milliseconds. */
  readonly aliveMs: number
  /** Of the submitter. */
  readonly connections: number
  readonly onRound: (round: RoundReport) => void
  readonly onDrain: () => void
}

export interface RoundReport {
  readonly round: number
  /** Until all takes mail again: from the start of the process, or from the kill of one that was replaced. */
  readonly restartMs: number
  readonly victim: string
  /** From then to the kill. */
  readonly aliveMs: number
  /** Recipients, in all so far. */
  readonly accepted: number
  readonly unanswered: number
}

export interface CrashResult extends Verdict {
  readonly rounds: number
  readonly kills: number
  /** Of them, of all processes at once. */
  readonly wholeKills: number
  /** One for each start that was let finish. */
  readonly restartsMs: readonly number[]
  /** Of a worker or control, by the supervisor: from the kill until the successor takes mail or answers, without the supervisor's pause. */
  readonly replacementsMs: readonly number[]
  /** From the kill of the supervisor alone until all members had ended. */
  readonly orphansMs: readonly number[]
  readonly seconds: number
}

export async function runCrashes(options: CrashOptions): Promise<CrashResult> {
  const clock = new SystemClock()
  const begun = clock.monotonic()
  await using receiver = await Receiver.start()
  const installation = await install(options.folder, receiver.port)
  const book = new Book()
  const rounds = new Rounds(options, {
    clock,
    installation,
    chance: new SeededRandom(options.seed),
    writer: new LetterWriter(new SeededRandom(options.seed + 1)),
    book,
  })
  let round = 0
  while (round < options.rounds && clock.monotonic() - begun < options.withinMs)
    options.onRound(await rounds.next(++round))
  await rounds.end()

  options.onDrain()
  const relay = rounds.start()
  const { tookMs } = await relay.ready
  const account = new EventAccount(book.accepted)
  await account.follow(new ControlClient(controlSocketFile(installation.dataDir)), clock)
  const exitCode = await relay.stop()
  const { complaints, killsAt, wholeKills, restartsMs, replacementsMs, orphansMs } = rounds
  if (exitCode !== 0) complaints.push(`ended with ${exitCode} after SIGTERM`)
  const verdict = judge(book, account, await receiver.arrivals(), {
    at: killsAt,
    connections: CONNECTIONS_OUT,
  })
  const faults = [...verdict.faults, ...complaintsOf(complaints)]
  const seconds = (clock.monotonic() - begun) / 1_000
  return {
    ...verdict,
    ...{
      faults,
      rounds: round,
      kills: killsAt.length,
      wholeKills,
      restartsMs: [...restartsMs, tookMs],
      replacementsMs,
      orphansMs,
      seconds,
    },
  }
}

function complaintsOf(lines: readonly string[]) {
  return lines.length === 0 ? [] : [{ what: 'complaints of the relay', who: lines }]
}
