// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { sampleEvent } from '../../../test/support/sample-events.ts'
import { days, instant, ms } from '../../base/brand.ts'
import { silentLog } from '../../base/log.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { type EventFilter, everyEvent, type SearchPage } from '../../control/search/event-search.ts'
import type { Event } from '../../events/event.ts'
import { journalId, lsn } from '../../events/ids.ts'
import type { EventBatch, EventFeed, EventPlace, FedEvent } from '../../spool/event-feed.ts'
import { type PartLimits, usualParts } from './parts.ts'
import { SearchView } from './search-view.ts'

const JOURNAL = journalId(1)
const NEWEST: SearchPage = { order: 'newest', limit: 100, after: null }

/** A view that has taken these events, one a second, and a folder for its file. */
async function rig(events: readonly Event[], parts: PartLimits = usualParts) {
  const folder = mkdtempSync(join(tmpdir(), 'search-'))
  const path = join(folder, 'search.sqlite')
  const clock = new ManualClock()
  const feed = new GivenFeed(events)
  const open = () => new SearchView({ path, feed, clock, log: silentLog, keep: days(30), parts })
  const found = {
    path,
    clock,
    feed,
    view: open(),
    /** Until all that is given is taken. */
    take: async () => {
      const stop = new AbortController()
      feed.whenRead = () => stop.abort()
      await found.view.follow(stop.signal)
    },
    /** What happens to the file in between is `meanwhile`. */
    reopen: (meanwhile: () => void = () => {}) => {
      found.view.close()
      meanwhile()
      found.view = open()
    },
    typesOf: async (filter: Partial<EventFilter>, page: Partial<SearchPage> = {}) => {
      const { events: some } = await found.view.find(
        { ...everyEvent, ...filter },
        { ...NEWEST, ...page },
      )
      return some.map(({ id, type }) => `${id} ${type}`)
    },
    [Symbol.dispose]() {
      found.view.close()
      rmSync(folder, { recursive: true })
    },
  }
  await found.take()
  return found
}

/** Gives what is after the cursor, in batches of ten, and then says that it was read. */
class GivenFeed implements EventFeed {
  whenRead = () => {}
  /** Events with a place below it are kept no more. */
  oldest = 0
  readCursors: (number | undefined)[] = []
  events: readonly Event[]

  constructor(events: readonly Event[]) {
    this.events = events
  }

  async *read(start: Parameters<EventFeed['read']>[0]): AsyncIterable<EventBatch> {
    const from = start instanceof Map ? start.get(JOURNAL) : undefined
    this.readCursors.push(from)
    for (let at = from ?? 0; at < this.events.length; at += 10) {
      const events = this.events.slice(at, at + 10).map(
        (event, index): FedEvent => ({
          ...{ journal: JOURNAL, lsn: lsn(at + index + 1), segment: 1, offset: at + index, event },
        }),
      )
      yield { events, cursor: new Map([[JOURNAL, lsn(at + events.length)]]) }
    }
    this.whenRead()
  }

  async positionAt() {
    return new Map()
  }

  async at(places: readonly EventPlace[]) {
    return places.map(({ lsn: at }) => (at < this.oldest ? null : (this.events[at - 1] ?? null)))
  }

  readers() {
    return [{ name: 'search', behind: 1 }]
  }
}

const start = instant(Date.UTC(2026, 0, 1))

/** A message to each of two people: received, one delivered, one bounced. */
const letters: readonly Event[] = [
  sampleEvent('received', 1, start, { recipients: ['Ada@example.net'], tags: ['welcome'] }),
  sampleEvent('delivered', 1, start + 1_000, { recipient: 'Ada@example.net', site: 'mx.example' }),
  sampleEvent('received', 2, start + 2_000, {
    recipients: ['bob@example.org'],
    campaign: 'spring',
  }),
  sampleEvent('bounced', 2, start + 3_000, { recipient: 'bob@example.org', campaign: 'spring' }),
  sampleEvent('received', 3, start + 4_000, { tenant: 'other', recipients: ['ada@example.net'] }),
]
const [received, delivered, receivedOther, bounced, foreign] = letters.map(
  ({ id, type }) => `${id} ${type}`,
)

test('Events are found by every filter, newest first, and together', async () => {
  using found = await rig(letters)
  const message = letters[0] && 'messageId' in letters[0] ? letters[0].messageId : null
  const table: [Partial<EventFilter>, (string | undefined)[]][] = [
    [{}, [foreign, bounced, receivedOther, delivered, received]],
    [{ tenant: 'shop' }, [bounced, receivedOther, delivered, received]],
    [{ message }, [delivered, received]],
    [{ recipient: 'ADA@example.net' }, [foreign, delivered, received]],
    [{ recipient: 'ADA@example.net', tenant: 'shop' }, [delivered, received]],
    [{ types: ['message.bounced'] }, [bounced]],
    [{ types: ['message.b*', 'message.delivered'] }, [bounced, delivered]],
    [{ campaign: 'spring' }, [bounced, receivedOther]],
    [{ provider: 'mx.example' }, [delivered]],
    [{ tag: 'welcome' }, [delivered, received]],
    [{ headerMessageId: '<2@shop.example>' }, [receivedOther]],
    [{ since: start + 2_000, until: start + 4_000 }, [bounced, receivedOther]],
    [{ stream: 'unheard-of' }, []],
    [{ types: ['message.sung'] }, []],
    [{ recipient: 'eve@example.net' }, []],
  ]
  for (const [filter, expected] of table)
    assert.deepEqual(await found.typesOf(filter), expected, JSON.stringify(filter))
  assert.deepEqual(await found.typesOf({ message }, { order: 'oldest' }), [received, delivered])
})

const many = Array.from({ length: 95 }, (_, at) =>
  sampleEvent('received', at, start + at * 1_000, { recipients: [`u${at % 3}@example.net`] }),
)

test('Pages follow each other over all parts, in both orders, and neither repeat nor miss', async () => {
  using found = await rig(many, { ...usualParts, events: 20 })
  for (const order of ['newest', 'oldest'] as const)
    for (const filter of [{}, { recipient: 'u1@example.net' }, { types: ['message.received'] }]) {
      const seen: string[] = []
      let after: string | null = null
      do {
        const page = await found.view.find({ ...everyEvent, ...filter }, { order, limit: 7, after })
        seen.push(...page.events.map(({ id }) => id))
        after = page.next
      } while (after !== null)
      const expected = many
        .filter((_, at) => !('recipient' in filter) || at % 3 === 1)
        .map(({ id }) => id)
      assert.deepEqual(seen, order === 'oldest' ? expected : expected.toReversed(), order)
    }
  await assert.rejects(found.view.find(everyEvent, { ...NEWEST, after: 'x' }), {
    code: 'RLY_USAGE',
  })
})

test('A view goes on where it was, and is made anew where its file is lost, damaged or of another version', async () => {
  using found = await rig(many)
  found.reopen()
  await found.take()
  assert.equal(found.feed.readCursors.at(-1), many.length, 'goes on')
  const ruins = [
    () => rmSync(found.path),
    () => writeFileSync(found.path, 'no database'),
    () => new DatabaseSync(found.path).exec('pragma user_version = 999'),
  ]
  for (const ruin of ruins) {
    found.reopen(ruin)
    await found.take()
    assert.equal(found.feed.readCursors.at(-1), undefined, 'begins anew')
    assert.equal((await found.typesOf({ recipient: 'u1@example.net' })).length, 32)
  }
})

test('An event that the journals keep no more is not found', async () => {
  using found = await rig(many)
  found.feed.oldest = 90
  assert.equal((await found.typesOf({})).length, 6)
})

test('What is too old goes, a part at a time', async () => {
  const parts = { ...usualParts, events: 20 }
  using found = await rig(many, parts)
  const count = () =>
    Number(new DatabaseSync(found.path).prepare('select count(*) as n from part').get()?.['n'])
  assert.equal(count(), 5)
  found.clock.advance(ms(start + days(30) + 45_000 - found.clock.now()))
  found.feed.events = [...many, sampleEvent('received', 99, start + days(30), {})]
  await found.take()
  assert.equal(count(), 5, 'one more, and one less')
})
