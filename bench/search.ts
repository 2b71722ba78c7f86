// SPDX-License-Identifier: Apache-2.0
/**
 * `npm run bench:search [-- --events 10000000]`: fills a search view with events of made-up mail, and asks it for recipients
 * and messages. Events are made on the way, so what is measured is the view: not the reading of journals, nor JSON.
 */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { days } from '../src/base/brand.ts'
import { SystemClock } from '../src/base/clock.ts'
import { createLog } from '../src/base/log.ts'
import { type EventFilter, everyEvent } from '../src/control/search/event-search.ts'
import type { Event } from '../src/events/event.ts'
import { journalId, lsn } from '../src/events/ids.ts'
import { SearchView } from '../src/platform/search/search-view.ts'
import type { EventBatch, EventFeed, EventPlace, FedEvent } from '../src/spool/event-feed.ts'
import { wholeNumber } from '../test/support/program-options.ts'
import { sampleEvent, sampleMessageId } from '../test/support/sample-events.ts'
import { commandLine, workFolder } from './command-line.ts'

const JOURNAL = journalId(1)
const BATCH = 1_000
/** People who get mail; each about every so many messages. */
const RECIPIENTS = 400_000
const QUESTIONS = 200
/** Between two messages. */
const STEP_MS = 100
const START = Date.UTC(2026, 0, 1)

const values = commandLine(
  `Usage: npm run bench:search -- [options]
  --events <n>          that the view has (default 400000)`,
  { events: { type: 'string', default: '400000' } },
)
const total = wholeNumber('events', values.events)
using folder = workFolder(values.dir, 'search')
const clock = new SystemClock()

/** Event `number`: each message is received, and then delivered. */
function eventAt(number: number): Event {
  const message = Math.floor(number / 2)
  const recipient = `user${(message * 7_919) % RECIPIENTS}@example${message % 50}.net`
  const at = START + message * STEP_MS + (number % 2) * 40
  return number % 2 === 0
    ? sampleEvent('received', message, at, { recipients: [recipient] })
    : sampleEvent('delivered', message, at, { recipient })
}

class MadeUpFeed implements EventFeed {
  onEnd = () => {}

  async *read(): AsyncIterable<EventBatch> {
    for (let from = 0; from < total; from += BATCH) {
      const events = Array.from({ length: Math.min(BATCH, total - from) }, (_, at): FedEvent => {
        const number = from + at
        return { ...placeOf(number), event: eventAt(number) }
      })
      made += events.length
      const before = process.cpuUsage()
      yield { events, cursor: new Map([[JOURNAL, lsn(from + events.length)]]) }
      const { user, system } = process.cpuUsage(before)
      spentMs += (user + system) / 1_000
      if (process.stderr.isTTY) process.stderr.write(`\r${made.toLocaleString('en')} events`)
    }
    this.onEnd()
  }

  async positionAt() {
    return new Map()
  }

  async at(places: readonly EventPlace[]) {
    return places.map(({ lsn: number }) => eventAt(number - 1))
  }

  readers() {
    return [{ name: 'search', behind: 1 }]
  }
}

let made = 0
let spentMs = 0
const feed = new MadeUpFeed()
const path = join(folder.path, 'search.sqlite')
const view = new SearchView({ path, feed, clock, log: createLog('warn'), keep: days(36_500) })
const stop = new AbortController()
feed.onEnd = () => stop.abort()
await view.follow(stop.signal)
const octets = statSync(path).size
console.log(
  `${total.toLocaleString('en')} events: ${((spentMs * 1_000) / total).toFixed(1)} µs of CPU each, ${Math.round(octets / total)} octets each`,
)

await ask('by recipient', (at) => {
  const message = pick(at)
  const recipient = `user${(message * 7_919) % RECIPIENTS}@example${message % 50}.net`
  return { recipient }
})
await ask('by message id', (at) => ({ message: sampleMessageId(pick(at)) }))
await ask('by Message-ID', (at) => ({ headerMessageId: `<${pick(at)}@shop.example>` }))
await ask('the newest', () => ({ types: ['message.delivered'] }))
view.close()

function pick(at: number): number {
  return Math.floor(((at + 0.5) / QUESTIONS) * (total / 2))
}

async function ask(what: string, filterOf: (at: number) => Partial<EventFilter>): Promise<void> {
  const times: number[] = []
  let found = 0
  for (let at = 0; at < QUESTIONS; at++) {
    const filter = { ...everyEvent, ...filterOf(at) }
    const before = clock.monotonic()
    const { events } = await view.find(filter, { order: 'newest', limit: 50, after: null })
    times.push(clock.monotonic() - before)
    found += events.length
  }
  times.sort((one, other) => one - other)
  const at = (share: number) => (times[Math.floor(share * (times.length - 1))] ?? 0).toFixed(2)
  console.log(
    `${what}: median ${at(0.5)} ms, 99 % under ${at(0.99)} ms, longest ${at(1)} ms; ${(found / QUESTIONS).toFixed(1)} events each`,
  )
}

function placeOf(number: number): EventPlace {
  return { journal: JOURNAL, lsn: lsn(number + 1), segment: 1, offset: number }
}
