// SPDX-License-Identifier: Apache-2.0
/**
 * Keeps the processes of a relay with several workers: starts them, replaces what ends, passes signals on. It knows no
 * mail. Who dies is replaced by a spare that has loaded already. Workers are replaced one by one (SIGUSR2), so that the
 * others take what comes; then by processes that load anew, since the program may be a newer one.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Running } from '../run-until-signal.ts'
import { type Assignment, REPORT_VERSION } from './process-report.ts'
import { SpareProcess } from './spare-process.ts'
import { SupervisedProcess } from './supervised-process.ts'

export interface SupervisorOptions {
  readonly configFile: string
  /** Where processes find what earlier ones compiled: they load in half the time. */
  readonly compileCache: string
  readonly workers: number
  /** That the workers share, in the order of listeners and their addresses, then the API's. */
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
  readonly #spare: SpareProcess
  #isReplacing = false
  #isStopping = false

  constructor(options: SupervisorOptions) {
    this.#options = options
    const { workers, clock, log } = options
    this.#spare = new SpareProcess(() => this.#spawn('spare'))
    const make = (name: string, role: string) =>
      new SupervisedProcess({
        name,
        make: () => this.#takeSpare(role) ?? this.#spawn(role),
        onRunning: () => this.#prepareSpare(),
        clock,
        log,
      })
    this.#workers = Array.from({ length: workers }, (_, index) =>
      make(`worker ${index}`, `worker:${index}/${workers}`),
    )
    this.#control = make('control', `control:${workers}`)
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
    this.#spare.discard()
    for (const each of [...this.#workers, this.#control]) {
      if (this.#isStopping) break
      this.#options.log.info({ of: each.name }, 'replacing a process')
      await each.replace()
    }
    this.#isReplacing = false
    this.#prepareSpare()
    this.#options.log.info({}, 'all processes are replaced')
  }

  /** Workers first: control answers until there is nothing left to ask. */
  async stop(): Promise<void> {
    this.#isStopping = true
    this.#spare.discard()
    await Promise.all(this.#workers.map((worker) => worker.stop()))
    await this.#control.stop()
  }

  /** Once all run: what loads beside a start makes that longer. */
  #prepareSpare(): void {
    const all = [...this.#workers, this.#control]
    if (this.#isReplacing || this.#isStopping) return
    if (all.every(({ state }) => state === 'running')) this.#spare.prepare()
  }

  #takeSpare(role: string): ChildProcess | null {
    const child = this.#spare.take()
    const { ports } = this.#options
    const assignment: Assignment = { version: REPORT_VERSION, kind: 'become', role, ports }
    // Where it has just ended, that is seen as the end of the one that it should have become.
    child?.send(assignment, () => {})
    return child
  }

  #spawn(role: string): ChildProcess {
    const { compileCache, configFile, ports } = this.#options
    const program = process.argv[1] ?? ''
    const args = ['serve', '--config', configFile, '--as', role, '--ports', ports.join(',')]
    return spawn(process.execPath, [...process.execArgv, program, ...args], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: { NODE_COMPILE_CACHE: compileCache, ...process.env },
    })
  }
}
