// SPDX-License-Identifier: Apache-2.0
/** The view beside a filter over all events, with limits so small that a few events make many parts, runs and merges. */
import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { sampleEvent } from '../../../test/support/sample-events.ts'
import { days } from '../../base/brand.ts'
import { silentLog } from '../../base/log.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { eventMatcher } from '../../control/search/event-match.ts'
import { type EventFilter, everyEvent, type SearchPage } from '../../control/search/event-search.ts'
import type { Cursor } from '../../events/cursor.ts'
import type { Event } from '../../events/event.ts'
import type { EventFacts } from '../../events/event-facts.ts'
import { journalId, lsn } from '../../events/ids.ts'
import type { EventBatch, EventFeed, EventPlace, FedEvent } from '../../spool/event-feed.ts'
import type { PartLimits } from './parts.ts'
import { SearchView } from './search-view.ts'

const START = Date.UTC(2026, 0, 1)
const small: PartLimits = {
  events: 60,
  ageMs: days(1),
  fresh: 15,
  runs: { merged: 3, entries: 100 },
}

/** More than there can be. */
const MOST_PAGES = 2_000

/** `late`: as if it had happened long before. */
interface Made {
  readonly kind: 'received' | 'delivered'
  readonly message: number
  readonly person: number
  readonly jitter: number
  readonly late: boolean
}

type Step =
  /** `fails`: the transaction at its very end, before it is tried again. */
  | {
      readonly kind: 'take'
      readonly journal: number
      readonly made: readonly Made[]
      readonly fails: boolean
    }
  /** The events of that many takes ago come once more. */
  | { readonly kind: 'again'; readonly ago: number }
  /** The process ends without a word: what is on the disk is opened anew. */
  | { readonly kind: 'crash' }

const made = fc.record({
  kind: fc.constantFrom('received' as const, 'delivered' as const),
  message: fc.nat({ max: 12 }),
  person: fc.nat({ max: 3 }),
  jitter: fc.nat({ max: 20 }),
  late: fc.nat({ max: 9 }).map((chance) => chance === 0),
})
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('take' as const),
      journal: fc.integer({ min: 1, max: 3 }),
      made: fc.array(made, { minLength: 1, maxLength: 20 }),
      fails: fc.nat({ max: 9 }).map((chance) => chance === 0),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('again' as const), ago: fc.nat({ max: 5 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'crash' as const }) },
)

const filters: readonly Partial<EventFilter>[] = [
  {},
  { recipient: 'U1@example.net' },
  { recipient: 'u2@example.net', types: ['message.delivered'] },
  { recipient: 'u3@example.net', since: START + 60, until: START + 130 },
  { headerMessageId: '<3@shop.example>' },
  { tag: 't1' },
  { tag: 't2', recipient: 'u0@example.net' },
]

test('A view of many runs, merged, fresh and opened again finds what a filter over all events finds', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 9 }),
      async (steps, limit) => {
        using rig = new Rig()
        for (const each of steps) await rig.walk(each)
        for (const filter of [...filters, { message: rig.someMessage() }])
          for (const order of ['newest', 'oldest'] as const) {
            const asked = { ...everyEvent, ...filter }
            const expected = rig.matching(asked)
            assert.deepEqual(
              await rig.found(asked, order, limit),
              order === 'oldest' ? expected : expected.toReversed(),
              `${JSON.stringify(filter)} ${order}`,
            )
          }
      },
    ),
    { numRuns: 60 },
  )
})

class Rig {
  readonly #folder = mkdtempSync(join(tmpdir(), 'search-'))
  readonly #clock = new ManualClock()
  readonly #taken: EventBatch[] = []
  readonly #feed = new Batches()
  readonly #positions = new Map<number, number>()
  #opened = 0
  #view = this.#open()

  async walk(step: Step): Promise<void> {
    switch (step.kind) {
      case 'take':
        return this.#take(this.#batchOf(step), step.fails)
      case 'again': {
        const batch = this.#taken.at(-1 - step.ago)
        return batch === undefined ? undefined : this.#take(batch, false)
      }
      case 'crash':
        return this.#crash()
    }
  }

  someMessage() {
    const [first] = this.#feed.known.values()
    return first !== undefined && 'messageId' in first ? first.messageId : null
  }

  matching(filter: EventFilter): string[] {
    const all = [...this.#feed.known.values()]
    const isAbout = eventMatcher(filter)
    const isTagged = (facts: EventFacts) =>
      filter.tag === null || (facts.tags?.includes(filter.tag) ?? false)
    return all
      .filter((event: Event & EventFacts) => {
        const sameMessage = all.filter((one: EventFacts) => one.messageId === event.messageId)
        return (
          isAbout(event) &&
          (isTagged(event) || (event.tags === undefined && sameMessage.some(isTagged)))
        )
      })
      .map((event) => ({
        id: event.id,
        key: [Date.parse(event.at), ...event.id.split('.').map(Number)],
      }))
      .sort(({ key: one }, { key: other }) => byEach(one, other))
      .map(({ id }) => id)
  }

  async found(filter: EventFilter, order: SearchPage['order'], limit: number): Promise<string[]> {
    const ids: string[] = []
    let after: string | null = null
    for (let pages = 0; pages < MOST_PAGES; pages++) {
      const page = await this.#view.find(filter, { order, limit, after })
      ids.push(...page.events.map(({ id }) => id))
      if (page.next === null) return ids
      after = page.next
    }
    return assert.fail('pages without end')
  }

  [Symbol.dispose]() {
    this.#view.close()
    rmSync(this.#folder, { recursive: true })
  }

  #open(): SearchView {
    const path = join(this.#folder, `search-${this.#opened}.sqlite`)
    const [feed, clock] = [this.#feed, this.#clock]
    return new SearchView({ path, feed, clock, log: silentLog, keep: days(30), parts: small })
  }

  #crash(): void {
    const path = join(this.#folder, `search-${this.#opened++}.sqlite`)
    for (const suffix of ['', '-wal'])
      if (existsSync(path + suffix))
        cpSync(path + suffix, join(this.#folder, `search-${this.#opened}.sqlite${suffix}`))
    this.#view.close()
    this.#view = this.#open()
  }

  async #take(batch: EventBatch, fails: boolean): Promise<void> {
    this.#taken.push(batch)
    for (const { event } of batch.events) this.#feed.known.set(event.id, event)
    if (fails) await this.#give({ ...batch, cursor: null as unknown as Cursor })
    await this.#give(batch)
  }

  async #give(batch: EventBatch): Promise<void> {
    const stop = new AbortController()
    this.#feed.next = batch
    this.#feed.whenRead = () => stop.abort()
    await this.#view.follow(stop.signal)
  }

  #batchOf({ journal, made }: Step & { kind: 'take' }): EventBatch {
    const before = this.#positions.get(journal) ?? 0
    this.#positions.set(journal, before + made.length)
    const events = made.map((each, index): FedEvent => {
      const number = before + index + 1
      return {
        ...{ journal: journalId(journal), lsn: lsn(number), segment: 1, offset: number },
        event: eventOf(each, `${journal}.${number}`, START + this.#taken.length * 10),
      }
    })
    return { events, cursor: new Map([[journalId(journal), lsn(before + made.length)]]) }
  }
}

/** Gives one batch, and says when it was taken, or was not. */
class Batches implements EventFeed {
  readonly known = new Map<string, Event>()
  next: EventBatch | null = null
  whenRead = () => {}

  async *read(): AsyncIterable<EventBatch> {
    try {
      if (this.next !== null) yield this.next
    } finally {
      this.whenRead()
    }
  }

  async positionAt() {
    return new Map()
  }

  async at(places: readonly EventPlace[]) {
    return places.map((place) => this.known.get(`${place.journal}.${place.lsn}`) ?? null)
  }

  readers() {
    return [{ name: 'search', behind: 1 }]
  }
}

function eventOf({ kind, message, person, jitter, late }: Made, id: string, now: number): Event {
  const recipient = `u${person}@example.net`
  const about =
    kind === 'received'
      ? { recipients: [recipient, 'U1@example.net'], tags: [`t${message % 3}`] }
      : { recipient }
  return sampleEvent(kind, message, now + jitter - (late ? 90 : 0), { id, ...about })
}

function byEach(one: readonly number[], other: readonly number[]): number {
  const differing = one.findIndex((number, at) => number !== other[at])
  return differing === -1 ? 0 : (one[differing] ?? 0) - (other[differing] ?? 0)
}
