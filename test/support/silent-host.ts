// SPDX-License-Identifier: Apache-2.0
/** An address of loopback that answers no call: a listener whose queue is full and that nobody serves, so that the system drops who calls. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Worker } from 'node:worker_threads'

/** A thread that takes none of the connections which it listens for. */
const DEAF = `
const { createServer } = require('node:net')
const { parentPort } = require('node:worker_threads')
const server = createServer()
server.listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
  parentPort.postMessage(server.address().port)
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
})
`
/** What the system keeps with a backlog of 1. */
const WAITING = 2

export class SilentHost implements AsyncDisposable {
  readonly port: number
  readonly #worker: Worker
  readonly #waiting: readonly Socket[]

  /** At 127.0.0.1. */
  static async start(): Promise<SilentHost> {
    const worker = new Worker(DEAF, { eval: true })
    const [port] = (await once(worker, 'message')) as [number]
    const waiting = Array.from({ length: WAITING }, () => connect(port, '127.0.0.1'))
    await Promise.all(waiting.map((socket) => once(socket, 'connect')))
    for (const socket of waiting) socket.on('error', () => {})
    return new SilentHost(port, worker, waiting)
  }

  private constructor(port: number, worker: Worker, waiting: readonly Socket[]) {
    this.port = port
    this.#worker = worker
    this.#waiting = waiting
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#waiting) socket.destroy()
    await this.#worker.terminate()
  }
}
