// SPDX-License-Identifier: Apache-2.0
/**
 * One process that the supervisor keeps alive: a worker or the control process.
 *
 *              spawn          ready              exit
 *     idle ─────────▶ starting ─────▶ running ────────▶ idle (and spawned again at once, or after a pause)
 *                        │  ▲             │
 *                     exit  └── pause     stop ─▶ stopping ─exit─▶ ended
 */
import type { ChildProcess } from 'node:child_process'
import { type DurationMs, ms, seconds } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import { invariant } from '../../base/invariant.ts'
import type { Log } from '../../base/log.ts'
import { isReadyReport } from './process-report.ts'

export type ProcessState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'starting'; readonly child: ChildProcess }
  | { readonly kind: 'running'; readonly child: ChildProcess }
  | { readonly kind: 'stopping'; readonly child: ChildProcess }
  | { readonly kind: 'ended' }

export const allowedProcessStates = {
  idle: ['starting', 'ended'],
  starting: ['running', 'idle', 'stopping'],
  running: ['idle', 'stopping'],
  stopping: ['idle', 'ended'],
  ended: [],
} as const satisfies Record<ProcessState['kind'], readonly ProcessState['kind'][]>

/** After an end in the first moments, so that a process that cannot start does not spin. */
const LONGEST_PAUSE = seconds(10)
const FIRST_PAUSE = seconds(0.5)
/** Whoever lived so long is replaced at once: something ended it, not its start. */
const HEALTHY_LIFE = seconds(3)

export interface SupervisedOptions {
  readonly name: string
  /** A process that is to become it, or on the way to. */
  readonly make: () => ChildProcess
  /** It runs. */
  readonly onRunning: () => void
  readonly clock: Clock
  readonly log: Log
}

export class SupervisedProcess {
  readonly name: string
  readonly #options: SupervisedOptions
  #state: ProcessState = { kind: 'idle' }
  #pause: DurationMs = ms(0)
  #port = 0
  readonly #waiting = new Set<() => void>()
  /** Of the last process that ended before it was ready. */
  #failedWith: number | null = null

  constructor(options: SupervisedOptions) {
    this.name = options.name
    this.#options = options
  }

  get state(): ProcessState['kind'] {
    return this.#state.kind
  }

  get pid(): number | null {
    return 'child' in this.#state ? (this.#state.child.pid ?? null) : null
  }

  /** Where it said that it listens; 0 before. */
  get port(): number {
    return this.#port
  }

  /** Resolves when it runs. `false`: it ended first, with `exitCode`. */
  async start(): Promise<boolean> {
    this.#spawn()
    await this.#until(() => this.#state.kind !== 'starting')
    return this.#state.kind === 'running'
  }

  /** Of a process that did not come to run. */
  get exitCode(): number {
    return this.#failedWith ?? 1
  }

  signal(signal: NodeJS.Signals): void {
    if ('child' in this.#state) this.#state.child.kill(signal)
  }

  /** Ends it for good. */
  async stop(): Promise<void> {
    if (this.#state.kind === 'idle') this.#enter({ kind: 'ended' })
    if (this.#state.kind === 'starting' || this.#state.kind === 'running') {
      const { child } = this.#state
      this.#enter({ kind: 'stopping', child })
      child.kill('SIGTERM')
    }
    await this.#until(() => this.#state.kind === 'ended')
  }

  /** Ends it, and resolves when its successor runs. */
  async replace(): Promise<void> {
    this.signal('SIGTERM')
    await this.#until(() => this.#state.kind !== 'running')
    await this.#until(() => this.#state.kind === 'running' || this.#state.kind === 'ended')
  }

  #spawn(): void {
    const { log, make } = this.#options
    const child = make()
    this.#enter({ kind: 'starting', child })
    const begun = this.#options.clock.monotonic()
    child.on('message', (message) => {
      if (!isReadyReport(message) || this.#state.kind !== 'starting') return
      this.#port = message.port
      this.#enter({ kind: 'running', child })
      this.#options.onRunning()
    })
    child.once('error', (thrown) =>
      log.error({ of: this.name, error: thrown.message }, 'a process cannot be started'),
    )
    child.once('exit', (code, signal) =>
      this.#exited(code, signal, ms(this.#options.clock.monotonic() - begun)),
    )
  }

  #exited(code: number | null, signal: string | null, lived: DurationMs): void {
    if (this.#state.kind === 'stopping') {
      this.#enter({ kind: 'ended' })
      return
    }
    if (this.#state.kind === 'starting') this.#failedWith = code
    const wasRunning = this.#state.kind === 'running'
    this.#enter({ kind: 'idle' })
    this.#pause = wasRunning && lived > HEALTHY_LIFE ? ms(0) : this.#longerPause(wasRunning)
    this.#options.log.warn(
      { of: this.name, code, signal, againInMs: this.#pause },
      'a process has ended and is replaced',
    )
    this.#options.clock.after(this.#pause, () => {
      if (this.#state.kind === 'idle') this.#spawn()
    })
  }

  /** The first end of a process that ran costs no pause: its mail waits for the successor. */
  #longerPause(wasRunning: boolean): DurationMs {
    if (wasRunning && this.#pause === 0) return ms(1)
    return ms(Math.min(LONGEST_PAUSE, Math.max(FIRST_PAUSE, this.#pause * 2)))
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.add(resolve))
  }

  /** The only place where the state changes. */
  #enter(to: ProcessState): void {
    const from = this.#state.kind
    invariant(
      (allowedProcessStates[from] as readonly string[]).includes(to.kind),
      `a supervised process does not go from ${from} to ${to.kind}`,
    )
    this.#state = to
    if (to.kind === 'running') this.#failedWith = null
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const resolve of waiting) resolve()
  }
}
