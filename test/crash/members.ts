// SPDX-License-Identifier: Apache-2.0
/** The processes of a relay with several workers, as its log tells of them. */

/** One line of the log. */
export interface LogLine {
  readonly level?: string
  readonly text?: string
  readonly listeners?: { readonly submission: readonly number[] }
  readonly pid?: number
  /** Of a member: `worker 0`, `control`, `supervisor`; none in a relay of one process. */
  readonly process?: string
  /** Of the supervisor about a member that has ended, and the pause before its successor is started. */
  readonly of?: string
  readonly againInMs?: number
}

/** What a member says when it has begun. */
const BEGUN = new Set(['a worker takes mail', 'answering'])

export class Members {
  readonly #pids = new Map<string, number>()
  readonly #pauses = new Map<string, number>()
  readonly #waiting = new Map<string, () => void>()

  note({ text = '', process: name, pid, of, againInMs }: LogLine): void {
    if (of !== undefined && againInMs !== undefined) this.#pauses.set(of, againInMs)
    if (name === undefined || pid === undefined || !BEGUN.has(text)) return
    this.#pids.set(name, pid)
    this.#waiting.get(name)?.()
    this.#waiting.delete(name)
  }

  /** Workers and control, once they have begun. */
  get names(): readonly string[] {
    return [...this.#pids.keys()].sort()
  }

  /** Before the last successor was started, in milliseconds: it grows where a member ends often. */
  pauseOf(name: string): number {
    return this.#pauses.get(name) ?? 0
  }

  /** SIGKILL to one; resolves when its successor has begun. */
  killOne(name: string): Promise<void> {
    const begun = new Promise<void>((resolve) => this.#waiting.set(name, resolve))
    this.#kill(name)
    return begun
  }

  killAll(): void {
    for (const name of this.names) this.#kill(name)
  }

  #kill(name: string): void {
    try {
      process.kill(this.#pids.get(name) ?? Number.NaN, 'SIGKILL')
    } catch {
      // It is gone already, as one whose successor has not begun yet.
    }
  }
}
