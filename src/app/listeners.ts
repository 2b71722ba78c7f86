// SPDX-License-Identifier: Apache-2.0
/** All listeners of a process as one: they begin and end together. */
import type { DurationMs } from '../base/brand.ts'
import type { ListeningAddress } from '../smtp/server.ts'

/** What every role's listener can do. */
export interface Listener {
  /** Open now. */
  readonly sessions: number
  /** Ends the sessions of those who have lost what let them in. Where each request says anew who it is of, there is nothing to end. */
  review?(): void
  listen(): Promise<readonly ListeningAddress[]>
  drain(deadline: DurationMs): Promise<void>
  close(): Promise<void>
}

/** By listener, in the order of its addresses: a configured port 0 has become a real one. */
export type ListeningPorts = Readonly<Record<string, readonly number[]>>

export class Listeners {
  readonly #all: { readonly name: string; readonly listener: Listener }[]

  constructor(all: readonly { readonly name: string; readonly listener: Listener }[]) {
    this.#all = [...all]
  }

  /** One more, before `listen`. */
  add(name: string, listener: Listener): void {
    this.#all.push({ name, listener })
  }

  /** Open now. */
  get sessions(): number {
    return this.#all.reduce((sum, { listener }) => sum + listener.sessions, 0)
  }

  /** Throws `RLY_PORT_IN_USE` where a port cannot be had; then some of them listen. */
  async listen(): Promise<ListeningPorts> {
    const ports: [string, readonly number[]][] = []
    for (const { name, listener } of this.#all)
      ports.push([name, (await listener.listen()).map(({ port }) => port)])
    return Object.fromEntries(ports)
  }

  /** The records have changed. */
  review(): void {
    for (const { listener } of this.#all) listener.review?.()
  }

  async drain(deadline: DurationMs): Promise<void> {
    await Promise.all(this.#all.map(({ listener }) => listener.drain(deadline)))
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map(({ listener }) => listener.close()))
  }
}
