// SPDX-License-Identifier: Apache-2.0
/**
 * Load, SIGKILL, and on. A relay of one process is started again after each kill; one with several workers replaces
 * what was killed, under load, until the whole tree is killed or loses its supervisor.
 *
 *   start ──▶ load for 50–1,500 ms ──▶ SIGKILL ──▶ start …    sometimes SIGKILL comes while it starts
 *               ▲                        │
 *               └───────── replaced ─────┘
 */
import { globSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ms } from '../../src/base/brand.ts'
import type { Clock } from '../../src/base/clock.ts'
import type { Random } from '../../src/base/random.ts'
import type { CrashOptions, RoundReport } from './crash-run.ts'
import type { Installation } from './installation.ts'
import type { LetterWriter } from './letter.ts'
import { type Book, submitUntilOver } from './load.ts'
import { RelayProcess } from './relay-process.ts'
import { EVERYTHING, SUPERVISOR, VictimChoice } from './victim-choice.ts'

const LEAST_ALIVE_MS = 50
/** How often a start is killed before it takes mail, and when: recovery may be under way. */
const STILLBORN = { share: 0.15, leastMs: 150, mostMs: 600 }
/** How often the index is gone as well, and is made anew from the segments. */
const UNINDEXED_SHARE = 0.08

export interface Scene {
  readonly clock: Clock
  readonly installation: Installation
  readonly chance: Random
  readonly writer: LetterWriter
  readonly book: Book
}

/** A relay that takes mail, and the load on it. */
interface Life {
  readonly relay: RelayProcess
  readonly over: AbortController
  readonly load: Promise<void>
}

export class Rounds {
  readonly complaints: string[] = []
  readonly restartsMs: number[] = []
  readonly replacementsMs: number[] = []
  readonly orphansMs: number[] = []
  /** By the wall clock. */
  readonly killsAt: number[] = []
  wholeKills = 0
  readonly #options: CrashOptions
  readonly #scene: Scene
  readonly #choice: VictimChoice
  #starts = 0
  #life: Life | null = null
  /** What the last replacement took, in a life that goes on. */
  #backMs = 0

  constructor(options: CrashOptions, scene: Scene) {
    this.#options = options
    this.#scene = scene
    this.#choice = new VictimChoice(scene.chance, options.workers)
  }

  start(): RelayProcess {
    const { installation, clock } = this.#scene
    const program = this.#starts++ % 2 === 0 ? 'plain' : 'hurried'
    const { workers } = this.#options
    return new RelayProcess(installation, program, workers, clock, (line) =>
      this.complaints.push(line),
    )
  }

  /** One kill under load. */
  async next(round: number): Promise<RoundReport> {
    const { clock, book } = this.#scene
    const life = this.#life ?? (await this.#begin())
    const restartMs = this.#backMs
    const aliveMs = this.#between(LEAST_ALIVE_MS, this.#options.aliveMs)
    await Promise.race([clock.sleep(aliveMs), life.load])
    const victim = this.#choice.next(life.relay.members.names)
    this.#killed(victim)
    if (victim === EVERYTHING || victim === SUPERVISOR) await this.#endLife(life, victim)
    else {
      const { members } = life.relay
      this.#backMs = await this.#timed(members.killOne(victim))
      this.replacementsMs.push(this.#backMs - members.pauseOf(victim))
    }
    const counts = { accepted: book.accepted.size, unanswered: book.unanswered.size }
    return { round, restartMs, victim, aliveMs, ...counts }
  }

  /** Kills what still runs. */
  async end(): Promise<void> {
    if (this.#life === null) return
    this.#killed(EVERYTHING)
    await this.#endLife(this.#life, EVERYTHING)
  }

  async #begin(): Promise<Life> {
    const { chance, clock, installation, writer, book } = this.#scene
    if (chance.fraction() < STILLBORN.share) {
      const stillborn = this.start()
      await clock.sleep(this.#between(STILLBORN.leastMs, STILLBORN.mostMs))
      this.#killed(EVERYTHING)
      await stillborn.kill()
    }
    if (chance.fraction() < UNINDEXED_SHARE) removeIndex(installation)
    const relay = this.start()
    const { port, tookMs } = await relay.ready
    this.restartsMs.push(tookMs)
    this.#backMs = tookMs
    const over = new AbortController()
    const target = { port, secret: installation.secret, over: over.signal }
    const load = submitUntilOver(target, this.#options.connections, writer, book, clock)
    this.#life = { relay, over, load }
    return this.#life
  }

  #killed(victim: string): void {
    this.killsAt.push(this.#scene.clock.now())
    if (victim === EVERYTHING) this.wholeKills++
  }

  async #endLife({ relay, over, load }: Life, victim: string): Promise<void> {
    over.abort()
    if (victim === EVERYTHING) await relay.killAll()
    else this.orphansMs.push(await this.#timed(relay.kill()))
    await load
    this.#life = null
  }

  async #timed(work: Promise<void>): Promise<number> {
    const begun = this.#scene.clock.monotonic()
    await work
    return this.#scene.clock.monotonic() - begun
  }

  #between(least: number, most: number) {
    return ms(least + this.#scene.chance.fraction() * (most - least))
  }
}

function removeIndex({ dataDir }: Installation): void {
  for (const file of globSync('journal-*/index.sqlite*', { cwd: dataDir }))
    rmSync(join(dataDir, file))
}
