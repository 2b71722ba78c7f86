// SPDX-License-Identifier: Apache-2.0
/** Talks to a running relay, or to one of its workers, through its control socket. */
import { type IncomingMessage, request } from 'node:http'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { type ErrorCode, errorKinds, RelayError, systemCode } from '../base/errors.ts'
import { CHANNEL_HEADER, CHANNEL_VERSION, checkChannelVersion } from './channel/channel-version.ts'
import type { ChannelMessage } from './channel/messages.ts'

export class ControlClient {
  readonly #socketFile: string

  constructor(socketFile: string) {
    this.#socketFile = socketFile
  }

  /** Throws what the other side says is wrong, or `RLY_RELAY_NOT_RUNNING`, or `RLY_CHANNEL_VERSION`. */
  ask<In extends object, Out>(
    message: ChannelMessage<In, Out>,
    input: In,
    signal?: AbortSignal,
  ): Promise<Out> {
    if (message.method === 'POST') return this.post(message.path, input, signal)
    return this.get(message.path, textsOf(input))
  }

  /** The answer to GET. Throws as `ask`. */
  get<T>(path: string, query: Readonly<Record<string, string>> = {}): Promise<T> {
    return this.#ask<T>('GET', withQuery(path, query), null)
  }

  post<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
    return this.#ask<T>('POST', path, JSON.stringify(body), signal)
  }

  /** Lines of a stream, until it ends or `signal` aborts. */
  async *lines(path: string, signal: AbortSignal): AsyncIterable<string> {
    const answer = await this.#send('GET', path, null, signal)
    for await (const line of createInterface({ input: answer })) if (line !== '') yield line
  }

  async #ask<T>(
    method: string,
    path: string,
    body: string | null,
    signal?: AbortSignal,
  ): Promise<T> {
    const answer = await this.#send(method, path, body, signal)
    const parsed: unknown = JSON.parse(await text(answer))
    if (answer.statusCode !== 200) throw errorOf(parsed)
    checkChannelVersion(answer.headers[CHANNEL_HEADER], 'the relay')
    return parsed as T
  }

  #send(
    method: string,
    path: string,
    body: string | null,
    signal?: AbortSignal,
  ): Promise<IncomingMessage> {
    const socketPath = this.#socketFile
    return new Promise((resolve, reject) => {
      const headers = {
        [CHANNEL_HEADER]: CHANNEL_VERSION,
        ...(body !== null && { 'content-type': 'application/json' }),
      }
      const asked = request(
        { socketPath, method, path, headers, ...(signal ? { signal } : {}) },
        resolve,
      )
      asked.on('error', (thrown) => reject(this.#unreachable(thrown)))
      asked.end(body ?? undefined)
    })
  }

  #unreachable(thrown: Error): Error {
    const code = systemCode(thrown)
    if (code !== 'ENOENT' && code !== 'ECONNREFUSED' && code !== 'EACCES') return thrown
    const why =
      code === 'EACCES'
        ? 'its control socket belongs to another user'
        : 'start it with "posthaste serve", or name its configuration with --config'
    return new RelayError(
      'RLY_RELAY_NOT_RUNNING',
      `no relay answers at ${this.#socketFile}: ${why}`,
      { cause: thrown },
    )
  }
}

function withQuery(path: string, query: Readonly<Record<string, string>>): string {
  const search = new URLSearchParams(query).toString()
  return search === '' ? path : `${path}?${search}`
}

/** What is null is not said. */
function textsOf(fields: object): Record<string, string> {
  const said = Object.entries(fields).filter(([, value]) => value !== null)
  return Object.fromEntries(said.map(([name, value]) => [name, String(value)]))
}

function errorOf(answer: unknown): RelayError {
  const { error } = answer as { error?: { code?: string; message?: string } }
  const code =
    error?.code !== undefined && error.code in errorKinds
      ? (error.code as ErrorCode)
      : 'RLY_REFUSED'
  return new RelayError(code, error?.message ?? 'the relay gave no reason')
}
