// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  sampleDeferred,
  sampleMessage,
  sampleReceived,
} from '../../../test/support/mail-samples.ts'
import { instant } from '../../base/brand.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { SeededRandom } from '../../base/random.ts'
import { journalId, lsn, newMessageId } from '../../events/ids.ts'
import { effectOf, noEffect, readEffect, readEvent, stageEvent } from './event-record.ts'
import type { Lane } from './lane.ts'
import { addressOf, residentAt } from './resident.ts'

const journal = journalId(1)
const clock = new ManualClock()
const message = sampleMessage(
  newMessageId(clock.now(), journal, new SeededRandom(1)),
  clock.now(),
  {
    recipients: ['ada@example.net', 'b@example.net', 'c@example.net', 'd@example.net'],
  },
)

/** The payload that `stageEvent` makes. */
function payloadOf(
  ...args: Parameters<typeof stageEvent> extends [Lane, ...infer Rest] ? Rest : never
) {
  let payload = Buffer.alloc(0)
  const buffer = Buffer.alloc(10_000)
  const lane: Pick<Lane, 'reserve' | 'append'> = {
    reserve: () => ({ buffer, at: 0 }),
    append: (_kind, _flags, octets) => {
      payload = buffer.subarray(0, octets)
      return lsn(7)
    },
  }
  stageEvent(lane as Lane, ...args)
  return payload
}

describe('an event record', () => {
  it('gives the event back, with its id', () => {
    const received = { ...sampleReceived(message), subject: 'Grüße 👋\nzweite Zeile' }
    const payload = payloadOf('received', received, { ...noEffect, mailLsn: 6 })
    assert.deepEqual(readEvent(payload, journal, lsn(7)), {
      id: '1.7',
      schemaVersion: 1,
      ...received,
    })
    assert.equal(readEffect(payload).mailLsn, 6)
  })

  it('gives back an event that names nobody', () => {
    const { at, node } = sampleReceived(message)
    const opened = {
      ...{ type: 'path.open', at, node, tenant: null, stream: null, campaign: null, text: 'a{}' },
    } as unknown as Parameters<typeof stageEvent>[2]
    assert.deepEqual(readEvent(payloadOf('event', opened, noEffect), journal, lsn(8)), {
      id: '1.8',
      schemaVersion: 1,
      ...opened,
    })
  })

  it('has everything personal in one block of its own', () => {
    const payload = payloadOf('received', sampleReceived(message), noEffect)
    const open = payload.subarray(0, payload.indexOf(0x0a, 24)).toString('latin1')
    for (const personal of ['ada@', 'orders@', 'Your order', '192.0.2.1'])
      assert.ok(!open.includes(personal), personal)
  })

  it('says what it does to a recipient without its JSON', () => {
    const place = { lsn: 2 ** 41, segment: 1, offset: 128, share: 100, message }
    const address = addressOf(residentAt(place))
    const of = { message, address, index: 3, attempts: 4, dueAt: clock.now(), lastAttempt: null }
    const outcome = sampleDeferred(of, clock.now(), instant(1_790_000_000_001))
    const effect = effectOf(outcome, place.lsn, of.attempts)
    assert.deepEqual(readEffect(payloadOf('outcome', outcome, effect)), {
      kind: 'deferred',
      mailLsn: 2 ** 41,
      index: 3,
      attempts: 5,
      dueAt: 1_790_000_000_001,
    })
  })

  it('that is cut short is no event', () => {
    assert.equal(readEvent(Buffer.alloc(10), journal, lsn(1)), null)
    assert.deepEqual(readEffect(Buffer.alloc(10)), noEffect)
  })
})
