// SPDX-License-Identifier: Apache-2.0
/** An endpoint of webhooks: a real HTTP server that keeps what it is told, and answers as a test likes. Other people's code verifies the signatures. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { Webhook } from 'standardwebhooks'
import type { Event } from '../../src/events/event.ts'
import { inTime } from './in-time.ts'

export interface Told {
  readonly id: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly events: readonly Event[]
  readonly status: number
}

export type Answer =
  | number
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string }
  /** Does with it what it likes. */
  | ((response: ServerResponse) => void)

export class WebhookReceiver implements AsyncDisposable {
  /** Requests in the order in which they were answered. */
  readonly told: Told[] = []
  /** What it answers to a request with these events; 204 where nothing else is said. */
  answer: (events: readonly Event[]) => Answer = () => 204
  readonly #server: Server
  readonly #waiting = new Set<() => void>()
  /** At the same time, at most. */
  mostAtOnce = 0
  #atOnce = 0

  static async start(): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver()
    receiver.#server.listen(0, '127.0.0.1')
    await once(receiver.#server, 'listening')
    return receiver
  }

  private constructor() {
    this.#server = createServer((request, response) => void this.#take(request, response))
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/hooks`
  }

  /** Of all that it took, in order. */
  get events(): readonly Event[] {
    return this.told.filter(({ status }) => status < 300).flatMap(({ events }) => events)
  }

  /** Resolves when `test` holds; it is asked after each request. */
  async until(test: (receiver: WebhookReceiver) => boolean, what: string): Promise<void> {
    await inTime(
      (async () => {
        while (!test(this)) await new Promise<void>((resolve) => this.#waiting.add(resolve))
      })(),
      () => `${what}: told ${this.told.map(({ id, status }) => `${id} ${status}`).join(', ')}`,
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#atOnce)
    const body = (await buffer(request)).toString()
    const events = eventsIn(body)
    const answer = this.answer(events)
    const status = typeof answer === 'number' ? answer : 'status' in answer ? answer.status : 0
    const headers = request.headers as Record<string, string>
    this.told.push({ id: headers['webhook-id'] ?? '', headers, body, events, status })
    this.#atOnce--
    if (typeof answer === 'function') answer(response)
    else if (typeof answer === 'number') response.writeHead(answer).end()
    else response.writeHead(answer.status, answer.headers).end(answer.body)
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const wake of waiting) wake()
  }
}

/** Throws where the signature is not good. */
export function verify(told: Told, secret: string): void {
  new Webhook(secret).verify(told.body, told.headers)
}

function eventsIn(body: string): readonly Event[] {
  const { data } = JSON.parse(body) as { data: Event | { events: Event[] } }
  return 'events' in data ? data.events : [data]
}
