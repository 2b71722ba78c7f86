// SPDX-License-Identifier: Apache-2.0
/**
 * A process that has loaded the program and waits to become whoever dies: to load takes longer than all else that a
 * successor must do before it serves.
 *
 *     none ──prepare──▶ loading ──▶ loaded ──take──▶ none
 *       ▲                  │          │
 *       └───── discard, or it ended ──┘
 */
import type { ChildProcess } from 'node:child_process'
import { invariant } from '../../base/invariant.ts'
import { isLoadedReport } from './process-report.ts'

type SpareState =
  | { readonly kind: 'none' }
  | { readonly kind: 'loading'; readonly child: ChildProcess }
  | { readonly kind: 'loaded'; readonly child: ChildProcess }

const allowed = {
  none: ['loading'],
  loading: ['loaded', 'none'],
  loaded: ['none'],
} as const satisfies Record<SpareState['kind'], readonly SpareState['kind'][]>

export class SpareProcess {
  readonly #spawn: () => ChildProcess
  #state: SpareState = { kind: 'none' }

  constructor(spawn: () => ChildProcess) {
    this.#spawn = spawn
  }

  get state(): SpareState['kind'] {
    return this.#state.kind
  }

  /** Starts one where there is none. */
  prepare(): void {
    if (this.#state.kind !== 'none') return
    const child = this.#spawn()
    this.#enter({ kind: 'loading', child })
    child.on('message', (message) => {
      if (this.#state.kind === 'loading' && this.#state.child === child && isLoadedReport(message))
        this.#enter({ kind: 'loaded', child })
    })
    // It may be another by now. One that cannot be started or ends is made anew when the next is prepared.
    const forget = (): void => {
      if ('child' in this.#state && this.#state.child === child) this.#enter({ kind: 'none' })
    }
    child.once('error', forget)
    child.once('exit', forget)
  }

  /** The caller's from now on; `null` where none has loaded. */
  take(): ChildProcess | null {
    if (this.#state.kind !== 'loaded') return null
    const { child } = this.#state
    this.#enter({ kind: 'none' })
    return child
  }

  /** It holds a program that may be an old one, or nobody needs it any more. */
  discard(): void {
    if (!('child' in this.#state)) return
    const { child } = this.#state
    this.#enter({ kind: 'none' })
    child.kill('SIGKILL')
  }

  /** The only place where the state changes. */
  #enter(to: SpareState): void {
    const from = this.#state.kind
    invariant(
      (allowed[from] as readonly string[]).includes(to.kind),
      `a spare process does not go from ${from} to ${to.kind}`,
    )
    this.#state = to
  }
}
