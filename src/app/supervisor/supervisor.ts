// SPDX-License-Identifier: Apache-2.0
/**
 * Keeps the processes of a relay with several workers: starts them, replaces what ends, passes signals on. It knows no
 * mail. Workers are replaced one by one (SIGUSR2), so that the others take what comes.
 */
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Running } from '../run-until-signal.ts'
import { SupervisedProcess } from './supervised-process.ts'

export interface SupervisorOptions {
  readonly configFile: string
  readonly workers: number
  /** That the workers share, in the order of listeners and their addresses. */
  readonly ports: readonly number[]
  readonly clock: Clock
  readonly log: Log
  /** Checks the new configuration before anybody reads it. Throws what is wrong. */
  readonly check: () => readonly string[]
}

export class Supervisor implements Running {
  readonly #options: SupervisorOptions
  readonly #workers: readonly SupervisedProcess[]
  readonly #control: SupervisedProcess
  #isReplacing = false
  #isStopping = false

  constructor(options: SupervisorOptions) {
    this.#options = options
    const { configFile, workers, ports, clock, log } = options
    const common = ['serve', '--config', configFile]
    const make = (name: string, args: readonly string[]) =>
      new SupervisedProcess({ name, args: [...common, ...args], clock, log })
    this.#workers = Array.from({ length: workers }, (_, index) =>
      make(`worker ${index}`, ['--as', `worker:${index}/${workers}`, '--ports', ports.join(',')]),
    )
    this.#control = make('control', ['--as', `control:${workers}`])
  }

  get operationsPort(): number {
    return this.#control.port
  }

  /** Resolves when all run. `null`: well; else the exit code of the one that could not start, and all have ended. */
  async start(): Promise<number | null> {
    const all = [...this.#workers, this.#control]
    const started = await Promise.all(all.map((each) => each.start()))
    const failed = all.find((_, at) => !started[at])
    if (!failed) return null
    await this.stop()
    return failed.exitCode
  }

  reload(): readonly string[] {
    const needRestart = this.#options.check()
    for (const each of [...this.#workers, this.#control]) each.signal('SIGHUP')
    return needRestart
  }

  /** One after the other, each once its predecessor's successor takes mail. */
  async replaceAll(): Promise<void> {
    if (this.#isReplacing) return
    this.#isReplacing = true
    for (const each of [...this.#workers, this.#control]) {
      if (this.#isStopping) break
      this.#options.log.info({ of: each.name }, 'replacing a process')
      await each.replace()
    }
    this.#isReplacing = false
    this.#options.log.info({}, 'all processes are replaced')
  }

  /** Workers first: control answers until there is nothing left to ask. */
  async stop(): Promise<void> {
    this.#isStopping = true
    await Promise.all(this.#workers.map((worker) => worker.stop()))
    await this.#control.stop()
  }
}
