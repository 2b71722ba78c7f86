// SPDX-License-Identifier: Apache-2.0
/** What people and monitors talk to: the control socket, health and metrics. Asks a desk, and knows no mail. */
import { ControlSocket } from '../api/control-socket.ts'
import { OperationsListener } from '../api/operations-listener.ts'
import type { Log } from '../base/log.ts'
import type { MailDesk } from '../control/mail-desk.ts'
import { Metrics } from '../control/metrics.ts'

export class Front {
  readonly #desk: MailDesk
  readonly #stopping: AbortSignal
  readonly #metrics: Metrics
  readonly #control: ControlSocket
  readonly #operations: OperationsListener

  /** `stopping` aborts when the end begins. */
  constructor(desk: MailDesk, socketFile: string, stopping: AbortSignal, log: Log) {
    this.#desk = desk
    this.#stopping = stopping
    this.#metrics = new Metrics(desk)
    this.#control = new ControlSocket(socketFile, desk, stopping, log)
    this.#operations = new OperationsListener(this.#metrics, desk)
  }

  /** More that the control socket answers; before `listen`. */
  get control(): ControlSocket {
    return this.#control
  }

  /** Throws `RLY_PORT_IN_USE`. Returns the port of operations. */
  async listen(host: string, port: number): Promise<number> {
    const operations = await this.#operations.listen(host, port)
    await this.#control.listen()
    return operations
  }

  /** Counts what happens, until the end. */
  follow(): Promise<void> {
    return this.#metrics.follow(this.#desk.tail('now', this.#stopping))
  }

  async close(): Promise<void> {
    await Promise.all([this.#control.close(), this.#operations.close()])
  }
}
