// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hours, minutes } from '../../base/brand.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import type { Event } from '../../events/event.ts'
import type { EventFilter } from '../search/event-search.ts'
import { type FullEnd, foundFull, isFullTooOften } from './full-mailbox.ts'

const HOUR_MS = hours(1)
const START = Date.UTC(2025, 5, 1)

/** So many hours after the start. */
function event(type: Event['type'], hour: number, more: object = {}): FullEnd {
  return {
    type,
    tenant: 'shop',
    stream: 'news',
    recipient: 'ann@example.net',
    at: new Date(START + hour * HOUR_MS).toISOString(),
    meaning: { class: 'mailbox-full', fault: 'recipient', rule: '' },
    ...more,
  } as unknown as FullEnd
}

/** Whether the last of these, the oldest first, suppresses. */
async function isTooOften(
  events: readonly FullEnd[],
  policy = { fullMailboxTimes: 3, fullMailboxDays: 30 },
): Promise<boolean> {
  const clock = new ManualClock()
  const last = events.at(-1)
  assert.ok(last)
  const find = async ({ since, types, recipient, tenant }: EventFilter) => {
    assert.deepEqual([tenant, recipient], ['shop', 'ann@example.net'])
    const found = events.filter(
      ({ at, type }) => types.includes(type) && Date.parse(at) >= (since ?? 0),
    )
    return { events: found.toReversed(), next: null }
  }
  const parts = {
    records: { clock },
    suppressAfter: () => minutes(0),
    search: { find },
    directory: () => ({ brakes: [], stream: () => policy }) as never,
  }
  return isFullTooOften(parts, last, new AbortController().signal)
}

const full = (hour: number) => event('message.expired', hour)

describe('A mailbox that stays full', () => {
  it('suppresses after mail of three days', async () => {
    assert.equal(await isTooOften([full(0), full(30)]), false)
    assert.equal(await isTooOften([full(0), full(30), full(60)]), true)
    const reported = event('message.bounced', 60, { by: 'report', certainty: 'proven' })
    assert.equal(await isTooOften([full(0), full(30), reported]), true)
  })

  it('does not count mail of one day twice, nor what is too long ago', async () => {
    assert.equal(await isTooOften([full(0), full(1), full(2), full(30)]), false)
    assert.equal(await isTooOften([full(0), full(24 * 20), full(24 * 40)]), false)
  })

  it('begins anew when something was delivered', async () => {
    const delivered = event('message.delivered', 40)
    assert.equal(await isTooOften([full(0), full(30), delivered, full(60)]), false)
  })

  it('does what the stream wants', async () => {
    const all = [full(0), full(30), full(60)]
    assert.equal(await isTooOften(all, { fullMailboxTimes: 0, fullMailboxDays: 30 }), false)
    assert.equal(await isTooOften(all, { fullMailboxTimes: 4, fullMailboxDays: 30 }), false)
    assert.equal(await isTooOften(all, { fullMailboxTimes: 2, fullMailboxDays: 2 }), true)
  })
})

describe('An end', () => {
  it('found a mailbox full where its meaning says so, and nobody can have made that up', () => {
    assert.equal(foundFull(full(0)), true)
    const meaning = { class: 'expired', fault: 'path', rule: '' }
    assert.equal(foundFull(event('message.expired', 0, { meaning })), false)
    assert.equal(foundFull(event('message.deferred', 0)), false)
    assert.equal(foundFull(event('message.expired', 0, { sandbox: true })), false)
    assert.equal(foundFull(event('message.bounced', 0, { certainty: 'likely' })), false)
  })
})
