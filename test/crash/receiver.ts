// SPDX-License-Identifier: Apache-2.0
/** The sink of the crash test, seen from the test. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Arrivals } from './sink.ts'

export class Receiver implements AsyncDisposable {
  readonly port: number
  readonly #child: ChildProcess

  static async start(): Promise<Receiver> {
    const path = fileURLToPath(new URL('sink.ts', import.meta.url))
    const child = fork(path, { serialization: 'advanced' })
    const [port] = (await once(child, 'message')) as [number]
    return new Receiver(child, port)
  }

  private constructor(child: ChildProcess, port: number) {
    this.#child = child
    this.port = port
  }

  /** All that came so far. */
  async arrivals(): Promise<Arrivals> {
    this.#child.send('arrivals')
    const [arrivals] = (await once(this.#child, 'message')) as [Arrivals]
    return arrivals
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    await ended
  }
}
