// SPDX-License-Identifier: Apache-2.0
/** Everything that a relay under test has told, from its first event on, through its control socket. */
import { ControlClient } from '../../src/api/control-client.ts'
import { controlSocketFile } from '../../src/app/data-files.ts'
import type { DurationMs } from '../../src/base/brand.ts'
import type { Event } from '../../src/events/event.ts'
import { formatReply } from '../../src/protocol/reply.ts'
import { inTime, PATIENCE } from './in-time.ts'

/** Narrows an event, or just says whether it is the one. */
export type EventTest<T extends Event> =
  | ((event: Event) => event is T)
  | ((event: Event) => boolean)

export class EventFeed implements AsyncIterable<Event> {
  readonly #seen: Event[] = []
  readonly #abort = new AbortController()
  readonly #following: Promise<void>
  #arrival = Promise.withResolvers<void>()
  #isOver = false

  constructor(dataDir: string) {
    this.#following = this.#follow(new ControlClient(controlSocketFile(dataDir)))
  }

  /** What has come so far, oldest first. */
  get seen(): readonly Event[] {
    return this.#seen
  }

  /** From the oldest event; ends when the relay does. */
  async *[Symbol.asyncIterator](): AsyncIterator<Event> {
    for (let at = 0; ; ) {
      const event = this.#seen[at]
      if (event !== undefined) {
        at++
        yield event
      } else if (this.#isOver) return
      else await this.#arrival.promise
    }
  }

  /** The first event that passes, also one that is long past. `context` is added to the failure. */
  async first<T extends Event = Event>(
    test: EventTest<T>,
    within: DurationMs = PATIENCE,
    context: () => string = () => '',
  ): Promise<T> {
    const failure = (why: string) =>
      `${why}; those that came:\n${this.#seen.map(inShort).join('\n')}\n${context()}`
    const search = async (): Promise<T> => {
      for await (const event of this) if (test(event)) return event as T
      throw new Error(failure('the relay ended before the event that was waited for'))
    }
    return await inTime(search(), () => failure(`no such event within ${within} ms`), within)
  }

  async close(): Promise<void> {
    this.#abort.abort()
    await this.#following
  }

  async #follow(control: ControlClient): Promise<void> {
    try {
      for await (const line of control.lines('/v1/tail?from=oldest', this.#abort.signal)) {
        this.#seen.push(JSON.parse(line))
        this.#announce()
      }
    } catch {
      // The relay has gone, or the test is over; both are an end.
    }
    this.#isOver = true
    this.#announce()
  }

  #announce(): void {
    this.#arrival.resolve()
    this.#arrival = Promise.withResolvers()
  }
}

/** One line of a failure's message. */
function inShort(event: Event): string {
  const to = 'recipient' in event ? ` ${event.recipient}` : ''
  const said = 'reply' in event ? ` ${formatReply(event.reply)}` : ''
  return `  ${event.at} ${event.type}${to}${said}${'text' in event ? ` ${event.text}` : ''}`
}
