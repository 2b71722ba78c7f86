// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Event } from '../../events/event.ts'
import type { MessageId } from '../../events/ids.ts'
import type { EventFilter, SearchPage } from '../search/event-search.ts'
import { wayFinder } from './way-of-mail.ts'

const id = 'm' as MessageId
const received = { type: 'message.received', messageId: id } as unknown as Event
const delivered = (recipientIndex: number, site: string) =>
  ({ type: 'message.delivered', messageId: id, recipientIndex, site }) as unknown as Event

/** A search view that has these, in pages of two. */
function viewOf(...events: readonly Event[]) {
  return {
    find: async ({ message }: EventFilter, { after }: SearchPage) => {
      assert.equal(message, id)
      const from = Number(after ?? 0)
      const next = from + 2 < events.length ? String(from + 2) : null
      return { events: events.slice(from, from + 2), next }
    },
  }
}

const unasked = { trace: async () => assert.fail('nobody reads the journals') }

describe('How mail went', () => {
  it('is found for each recipient by the search view, and the journals are not read', async () => {
    const view = viewOf(received, delivered(0, 'a'), delivered(1, 'b'), delivered(1, 'c'))
    const way = await wayFinder(view, unasked)(id, 1)
    assert.equal(way.received, received)
    assert.equal(way.delivered?.site, 'c')
  })

  it('is asked of the journals where the view does not have it yet', async () => {
    const desk = { trace: async () => [received, delivered(0, 'a')] }
    assert.equal((await wayFinder(viewOf(received), desk)(id, 0)).delivered?.site, 'a')
    const busy = { find: () => Promise.reject(new Error('too many search')) }
    assert.equal((await wayFinder(busy, desk)(id, 0)).delivered?.site, 'a')
  })

  it('is looked up once for all that ask about the same recipient', async () => {
    let asked = 0
    const view = viewOf(received, delivered(0, 'a'))
    const find: typeof view.find = (...about) => {
      asked += about[1].after === null ? 1 : 0
      return view.find(...about)
    }
    const wayOf = wayFinder({ find }, unasked)
    await Promise.all([wayOf(id, 0), wayOf(id, 0)])
    assert.equal((await wayOf(id, 0)).delivered?.site, 'a')
    assert.equal(asked, 1)
  })

  it('is looked up again where something was missing', async () => {
    const kept: Event[] = [received]
    const wayOf = wayFinder(
      { find: async () => ({ events: [], next: null }) },
      { trace: async () => kept },
    )
    assert.equal((await wayOf(id, 0)).delivered, null)
    kept.push(delivered(0, 'a'))
    assert.equal((await wayOf(id, 0)).delivered?.site, 'a')
  })

  it('is what is known where nothing is kept', async () => {
    const gone = { trace: () => Promise.reject(new Error('no events are kept')) }
    const way = await wayFinder(viewOf(received), gone)(id, 0)
    assert.deepEqual([way.received, way.delivered], [received, null])
  })
})
