// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { days, instant, seconds } from '../../base/brand.ts'
import { silentLog } from '../../base/log.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import type { Event } from '../../events/event.ts'
import { journalId, lsn } from '../../events/ids.ts'
import type { Store } from '../../records/store.ts'
import type { EventFeed, FeedStart } from '../../spool/event-feed.ts'
import { EventCounter } from './event-counter.ts'

/** Letters, in batches: `ab` is two events that are read together. */
type Letters = string

const ENDLESS = new Promise<never>(() => {})

describe('What a view of events counts', () => {
  let clock: ManualClock
  /** In the records. */
  let written: string
  let cursor: string | null
  /** What a transaction waits for after its work, and before it is done. */
  let commit: Promise<void>
  let batches: readonly Letters[]
  /** The reading fails after its batches, as often as this says. */
  let failures: number
  let lookUp: (letter: string) => Promise<void>
  let starts: FeedStart[]
  let anew: number
  let counter: EventCounter<string>
  let end: AbortController

  beforeEach(() => {
    clock = new ManualClock(instant(0))
    ;[written, cursor, commit, failures, anew] = ['', null, Promise.resolve(), 0, 0]
    batches = []
    starts = []
    lookUp = async () => {}
    end = new AbortController()
    const store = {
      views: { cursor: async () => cursor },
      transaction: async (work: (inner: Store) => Promise<unknown>) => {
        let [letters, at] = ['', cursor]
        const inner = {
          add: (counts: readonly string[]) => {
            letters += counts.join('')
          },
          views: {
            put: async (_: string, to: string) => {
              at = to
            },
          },
        }
        const result = await work(inner as unknown as Store)
        await commit
        written += letters
        cursor = at
        return result
      },
    } as unknown as Store
    counter = new EventCounter({
      ...{ view: 'letters', trouble: 'letters cannot be counted now', log: silentLog },
      feed: { read } as unknown as EventFeed,
      records: { store, clock },
      countsOf: async ({ type }) => {
        await lookUp(type)
        return [type]
      },
      onAnew: () => void anew++,
      most: 4,
      onFull: () => write(),
    })
  })

  async function* read(start: FeedStart) {
    starts.push(start)
    const from = start instanceof Map ? Number(start.get(journalId(1))) : 0
    for (const [at, letters] of batches.entries()) {
      if (at < from) continue
      const events = [...letters].map((type) => ({ event: { type, at: '2026-01-05T00:00:00Z' } }))
      yield {
        events: events as unknown as { event: Event }[],
        cursor: new Map([[journalId(1), lsn(at + 1)]]),
      }
    }
    if (failures-- > 0) throw new Error('the journal cannot be read')
    await ENDLESS
  }

  const write = () =>
    counter.write(async (store, counts) =>
      (store as unknown as { add(counts: readonly string[]): void }).add(counts),
    )

  /** Reads; what is not done by hand is left undone. */
  async function follow(): Promise<void> {
    void counter.follow(
      () => days(1),
      async () => {},
      end.signal,
    )
    await settle()
  }

  it('is written together with where it ends', async () => {
    batches = ['ab', 'c']
    await follow()
    await write()
    assert.deepEqual([written, cursor, counter.isEmpty], ['abc', '1:1.2', true])
  })

  it('is written without the batch of which a part is still looked up', async () => {
    batches = ['a', 'bcd']
    const slow = Promise.withResolvers<void>()
    lookUp = (letter) => (letter === 'c' ? slow.promise : Promise.resolve())
    await follow()
    await write()
    assert.deepEqual([written, cursor], ['a', '1:1.1'])
    slow.resolve()
    await settle()
    await write()
    assert.deepEqual([written, cursor], ['abcd', '1:1.2'])
  })

  it('is written at once where there is much of it', async () => {
    batches = ['ab', 'cd']
    await follow()
    assert.equal(written, 'abcd')
  })

  it('is kept where it could not be written, and written with what was read since', async () => {
    batches = ['ab']
    await follow()
    commit = Promise.reject(new Error('the store is away'))
    await assert.rejects(write())
    await counter.hear([{ type: 'c' } as unknown as Event], null)
    commit = Promise.resolve()
    await write()
    assert.deepEqual([written, cursor], ['abc', '1:1.1'])
  })

  it('is looked at while nothing of it is being written', async () => {
    batches = ['ab']
    await follow()
    const { promise, resolve } = Promise.withResolvers<void>()
    commit = promise
    const writing = write()
    const looking = counter.look(async (counts) => `${written}+${counts.join('')}`)
    await settle()
    resolve()
    await writing
    assert.equal(await looking, 'ab+')
    await counter.hear([{ type: 'c' } as unknown as Event], null)
    assert.equal(await counter.look(async (counts) => `${written}+${counts.join('')}`), 'ab+c')
  })

  it('is read again, and counted once, where reading fails', async () => {
    batches = ['a', 'b']
    failures = 1
    await follow()
    assert.equal(counter.isEmpty, false, 'read, and not written')
    clock.advance(seconds(6))
    await settle()
    await write()
    assert.deepEqual([written, anew], ['ab', 2])
  })

  for (const [name, outcome] of [
    ['succeeds', null],
    ['fails', new Error('the store is away')],
  ] as const)
    it(`is counted once where reading begins anew while a write is under way that ${name}`, async () => {
      batches = ['a', 'b']
      failures = 1
      await follow()
      const { promise, reject, resolve } = Promise.withResolvers<void>()
      commit = promise
      const writing = write().catch(() => {})
      clock.advance(seconds(6))
      await settle()
      assert.equal(starts.length, 1, 'it waits until it knows from where on')
      if (outcome === null) resolve()
      else reject(outcome)
      await writing
      commit = Promise.resolve()
      await settle()
      await write()
      assert.equal(written, 'ab')
    })
})

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
}
