// SPDX-License-Identifier: Apache-2.0
/** Which events are about a message with a tag. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Event } from '../../events/event.ts'
import type { EventFilter, EventSearch } from './event-search.ts'
import { REMEMBERED_MESSAGES, TagMatch } from './tag-match.ts'

function received(messageId: string, tags?: readonly string[]): Event {
  return { type: 'message.received', messageId, ...(tags && { tags }) } as unknown as Event
}

function later(messageId: string): Event {
  return { type: 'message.delivered', messageId } as unknown as Event
}

function rig(known: readonly Event[]) {
  const asked: string[] = []
  const search = {
    find: async ({ message }: EventFilter) => {
      asked.push(String(message))
      const events = known.filter((event) => 'messageId' in event && event.messageId === message)
      return { events, next: null }
    },
  } as unknown as EventSearch
  return { match: new TagMatch('welcome', search), asked }
}

test('What was seen coming in is known, and nobody is asked', async () => {
  const { asked, match } = rig([])
  assert.equal(await match.isOf(received('A', ['welcome', 'x'])), true)
  assert.equal(await match.isOf(received('B', ['x'])), false)
  assert.equal(await match.isOf(received('C')), false)
  assert.deepEqual([await match.isOf(later('A')), await match.isOf(later('B'))], [true, false])
  assert.deepEqual(asked, [])
})

test('What came in before is looked up once; what nobody knows yet is asked for again', async () => {
  const { asked, match } = rig([received('A', ['welcome'])])
  assert.deepEqual([await match.isOf(later('A')), await match.isOf(later('A'))], [true, true])
  assert.deepEqual([await match.isOf(later('Z')), await match.isOf(later('Z'))], [false, false])
  assert.deepEqual(asked, ['A', 'Z', 'Z'])
})

test('An event that is about no message has no tag', async () => {
  const event = { type: 'node.started' } as unknown as Event
  assert.equal(await rig([]).match.isOf(event), false)
})

test('Of very many messages the oldest are looked up again', async () => {
  const { asked, match } = rig([])
  for (let at = 0; at <= REMEMBERED_MESSAGES; at++) await match.isOf(received(`m${at}`, []))
  await match.isOf(later('m1'))
  await match.isOf(later('m0'))
  assert.deepEqual(asked, ['m0'])
})
