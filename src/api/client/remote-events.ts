// SPDX-License-Identifier: Apache-2.0
/** Events of a remote relay as they happen (Server-Sent Events); a connection that is cut is made again where it was. */
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { seconds } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import { messageOf, RelayError } from '../../base/errors.ts'
import type { Event } from '../../events/event.ts'
import { API_PREFIX } from '../http/route.ts'
import { errorOf } from './api-client.ts'

export interface RemoteEvents {
  /** Such as `https://relay.example.com`. */
  readonly url: string
  readonly key: string
  readonly query: Readonly<Record<string, string>>
  readonly clock: Clock
  readonly signal: AbortSignal
}

const TRY_AGAIN = seconds(1)

/** Ends with `signal`. Throws what the relay says is wrong, and where nobody answers at first. */
export async function* remoteEvents(asked: RemoteEvents): AsyncIterable<Event> {
  let lastId: string | null = null
  let hasBegun = false
  while (!asked.signal.aborted) {
    try {
      const answer = await open(asked, lastId)
      if (answer.statusCode !== 200) throw errorOf(answer.statusCode ?? 0, await text(answer))
      hasBegun = true
      for await (const line of createInterface({ input: answer, crlfDelay: Infinity })) {
        if (line.startsWith('id: ')) lastId = line.slice(4)
        else if (line.startsWith('data: ')) yield JSON.parse(line.slice(6)) as Event
      }
    } catch (thrown) {
      // Cut off, or away for a moment; a refusal is final.
      if (asked.signal.aborted) return
      if (!hasBegun || (thrown instanceof RelayError && thrown.code !== 'RLY_BUSY')) throw thrown
    }
    await asked.clock.sleep(TRY_AGAIN, asked.signal)
  }
}

function open({ url, key, query, signal }: RemoteEvents, lastId: string | null) {
  const target = new URL(`${API_PREFIX}/events/stream?${new URLSearchParams(query)}`, url)
  const headers = {
    authorization: `Bearer ${key}`,
    ...(lastId !== null && { 'last-event-id': lastId }),
  }
  const request = target.protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise<IncomingMessage>((resolve, reject) => {
    const sent = request(target, { headers, signal }, resolve)
    sent.once('error', (thrown) =>
      reject(
        new RelayError(
          'RLY_RELAY_NOT_RUNNING',
          `no relay answers at ${url}: ${messageOf(thrown)}`,
          {
            cause: thrown,
          },
        ),
      ),
    )
    sent.end()
  })
}
