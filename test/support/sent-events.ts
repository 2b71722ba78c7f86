// SPDX-License-Identifier: Apache-2.0
/** A client of an event stream: what it was sent, as a browser would have it. */

export interface SentEvent {
  readonly id: string
  readonly event: string
  // biome-ignore lint/suspicious/noExplicitAny: whatever was sent.
  readonly data: any
}

/** The first `count` events; of none, when the stream has said where it is. */
export async function readStream(
  api: string,
  key: string,
  query: string,
  count: number,
  lastEventId?: string,
): Promise<readonly SentEvent[]> {
  const stop = new AbortController()
  const answer = await fetch(`${api}/events/stream?${query}`, {
    signal: stop.signal,
    headers: {
      authorization: `Bearer ${key}`,
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    },
  })
  const events: SentEvent[] = []
  let text = ''
  for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk
    const blocks = text.split('\n\n')
    text = blocks.pop() ?? ''
    for (const block of blocks) {
      const fields = Object.fromEntries(
        block
          .split('\n')
          .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
      )
      if (fields['data'] !== undefined)
        events.push({
          id: fields['id'] ?? '',
          event: fields['event'] ?? '',
          data: JSON.parse(fields['data']),
        })
      if (events.length === count && (count > 0 || fields['id'] !== undefined)) {
        stop.abort()
        return events
      }
    }
  }
  throw new Error(
    `the stream ended after ${events.length} of ${count} events: ${answer.status} ${text}`,
  )
}
