// SPDX-License-Identifier: Apache-2.0
/** What a process that does not own a journal reads of it, whatever happens to the journal meanwhile. */
import assert from 'node:assert/strict'
import { appendFileSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { days, instant, ms, plus } from '../../src/base/brand.ts'
import { timestampOf } from '../../src/events/event.ts'
import { journalId, lsn } from '../../src/events/ids.ts'
import { JournalsFeed } from '../../src/platform/journal/journals-feed.ts'
import type { EventBatch, EventFeed, FeedStart } from '../../src/spool/event-feed.ts'
import {
  type JournalRig,
  journalRig,
  TEST_LIMITS,
  turnUntil,
  type WatchedRig,
  watchedRig,
} from '../support/journal-rig.ts'
import { readSome } from '../support/spool-rig.ts'
import { failing, noFault } from '../support/watched-files.ts'

const SMALL = { ...TEST_LIMITS, segmentOctets: 2_000 }
const SYNC_MS = 50
const JOURNAL = journalId(1)

describe('the journals as a feed of events', () => {
  it('gives every event once and in order, over all segments, also while they are written', async () => {
    await using rig = await journalRig({ limits: SMALL })
    const reading = textsFrom(rig.feed, 'oldest', 60)
    for (let at = 0; at < 60; at++) await happen(rig, String(at))
    assert.ok(eventSegments(rig).length > 3)
    assert.deepEqual(await reading, numbers(0, 60))
    assert.deepEqual(await textsFrom(rig.feed, 'oldest', 60), numbers(0, 60))
  })

  it('finds where to begin for a time: all since then, and not all from before', async () => {
    await using rig = await journalRig({ limits: SMALL })
    for (let at = 0; at < 40; at++) await happen(rig, String(at))
    const since = rig.clock.now()
    for (let at = 40; at < 60; at++) await happen(rig, String(at))
    const signal = new AbortController().signal
    const position = await rig.feed.positionAt(since, signal)
    const [first] = await textsFrom(rig.feed, position, 1)
    assert.ok(Number(first) > 20 && Number(first) <= 40, `begins with ${first}`)
    const oldest = await rig.feed.positionAt(instant(0), signal)
    assert.deepEqual(await textsFrom(rig.feed, oldest, 1), ['0'])
    const latest = await rig.feed.positionAt(plus(rig.clock.now(), days(1)), signal)
    assert.ok(Number((await textsFrom(rig.feed, latest, 1))[0]) > 40)
  })

  it('reads no further than its owner says, whatever lies behind', async () => {
    await using rig = await journalRig()
    for (let at = 0; at < 5; at++) await happen(rig, String(at))
    const [last] = eventSegments(rig)
    appendFileSync(join(rig.folder, last ?? ''), Buffer.alloc(500, 0xd5))
    const feed = new JournalsFeed({ folderOf: () => rig.folder })
    const stop = new AbortController()
    const seen: string[] = []
    const reading = (async () => {
      for await (const batch of feed.read('oldest', stop.signal)) seen.push(...textsOf(batch))
    })()
    await feed.follow(saying(2))
    await readSome(feed, 'oldest', 2)
    await feed.follow(saying(5))
    await readSome(feed, 'oldest', 5)
    stop.abort()
    await reading
    assert.deepEqual(seen, numbers(0, 5))
  })

  it('goes on after a cursor when the owner was killed and has a successor', async () => {
    await using rig = await journalRig({ limits: SMALL })
    for (let at = 0; at < 20; at++) await happen(rig, String(at))
    const before = await readSome(rig.feed, 'oldest', 12)
    await rig.reopen('killed')
    for (let at = 20; at < 30; at++) await happen(rig, String(at))
    assert.deepEqual(await textsFrom(rig.feed, before[11]?.cursor ?? 'now', 18), numbers(12, 30))
  })

  it('goes on with what is kept when segments went away before it', async () => {
    await using rig = await journalRig({ limits: SMALL })
    for (let at = 0; at < 40; at++) await happen(rig, String(at))
    const reading = rig.feed.read('oldest', new AbortController().signal)[Symbol.asyncIterator]()
    const first: EventBatch = (await reading.next()).value
    const gone = eventSegments(rig).slice(0, 3)
    for (const name of gone) rmSync(join(rig.folder, name))
    const rest: string[] = []
    while (rest.at(-1) !== '39') rest.push(...textsOf((await reading.next()).value))
    assert.equal(textsOf(first)[0], '0')
    assert.deepEqual(rest, numbers(Number(rest[0]), 40))
    assert.ok(Number(rest[0]) > textsOf(first).length, 'what went is not told')
  })

  it('sees the journal begin anew where another one has taken its place', async () => {
    await using rig = await journalRig()
    for (let at = 0; at < 3; at++) await happen(rig, String(at))
    const beyond = new Map([[JOURNAL, lsn(4_711)]])
    assert.deepEqual(await textsFrom(rig.feed, beyond, 3), numbers(0, 3))
  })

  it('misses nothing and tells nothing twice over a disk that failed for a while', async () => {
    await using rig = await watchedRig()
    await happen(rig, '0')
    const reading = textsFrom(rig.feed, 'oldest', 5)
    rig.files.fault = failing('EIO', 'sync', 'event')
    await append(rig, '1')
    await turnUntil(rig, () => rig.spool.health().kind === 'shedding')
    await append(rig, '2')
    rig.files.fault = noFault
    await turnUntil(rig, () => rig.spool.health().kind === 'ok')
    await happen(rig, '3')
    await happen(rig, '4')
    assert.deepEqual(await reading, numbers(0, 5))
  })

  it('reads and parses an event once for all readers that are at the same place', async () => {
    await using rig = await journalRig()
    await happen(rig, '0')
    const [[one], [other]] = await Promise.all([
      readSome(rig.feed, 'oldest', 1),
      readSome(rig.feed, 'oldest', 1),
    ])
    assert.ok(one?.event === other?.event)
  })

  it('finds an event again by its place, as long as it is kept', async () => {
    await using rig = await journalRig({ limits: SMALL })
    for (let at = 0; at < 20; at++) await happen(rig, String(at))
    const stop = new AbortController()
    const places = []
    for await (const { events } of rig.feed.read('oldest', stop.signal)) {
      places.push(...events)
      if (places.length >= 20) stop.abort()
    }
    const found = await rig.feed.at(places)
    assert.deepEqual(
      found,
      places.map(({ event }) => event),
    )
    rig.clock.advance(days(31))
    rmSync(join(rig.folder, eventSegments(rig)[0] ?? ''))
    const [first] = await rig.feed.at(places)
    assert.equal(first, null)
  })

  it('says how far each reader with a name is behind', async () => {
    await using rig = await journalRig()
    for (let at = 0; at < 5; at++) await happen(rig, String(at))
    await readSome(rig.feed, 'oldest', 5)
    const reading = rig.feed.read('oldest', new AbortController().signal, 'slow')
    const iterator = reading[Symbol.asyncIterator]()
    await iterator.next()
    assert.deepEqual(rig.feed.readers(), [{ name: 'slow', behind: 0 }])
    for (let at = 5; at < 9; at++) await happen(rig, String(at))
    await readSome(rig.feed, 'oldest', 9)
    assert.deepEqual(rig.feed.readers(), [{ name: 'slow', behind: 4 }])
    await iterator.return?.()
    assert.deepEqual(rig.feed.readers(), [])
  })
})

/** Something that a reader can tell from all else, synced. */
async function happen(rig: JournalRig, text: string): Promise<void> {
  await append(rig, text)
  rig.clock.advance(ms(SYNC_MS))
}

async function append({ spool, clock }: JournalRig | WatchedRig, text: string): Promise<void> {
  const at = timestampOf(clock.now())
  await spool.append([{ type: 'node.tested', at, node: 'test', tenant: null, text }])
}

async function textsFrom(feed: EventFeed, start: FeedStart, count: number) {
  return (await readSome(feed, start, count)).map(({ event }) => 'text' in event && event.text)
}

function textsOf({ events }: EventBatch): string[] {
  return events.flatMap(({ event }) => ('text' in event ? event.text : []))
}

function numbers(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, at) => String(from + at))
}

function eventSegments({ folder }: JournalRig): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.startsWith('event-'))
    .sort()
}

async function* saying(position: number) {
  yield new Map([[JOURNAL, lsn(position)]])
}
