// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sampleMessage } from '../../test/support/mail-samples.ts'
import { days, instant } from '../base/brand.ts'
import type { MessageId } from '../events/ids.ts'
import { bandOf } from './band.ts'
import { firstDueAt } from './message.ts'

const AT = instant(1_000_000_000_000)
const recipients = ['a@example.net', 'b@example.net', 'c@example.net']

test('A recipient is in the band of its digit, and in that of the unknown where there is none', () => {
  assert.deepEqual(
    [0, 1, 2, 9].map((index) => bandOf({ bands: '302' }, index)),
    [3, 0, 2, 1],
  )
  assert.equal(bandOf({}, 0), 1)
})

test('Who engages is due before the others that came at the same time, and nobody later than at once', () => {
  const message = sampleMessage('m' as MessageId, AT, { recipients, bands: '302' })
  assert.deepEqual(
    [0, 1, 2].map((index) => AT - firstDueAt(message, index)),
    [3 * days(1), 0, 2 * days(1)],
  )
})

test('Without bands, with a release or a hold all are due as they were', () => {
  assert.equal(firstDueAt(sampleMessage('m' as MessageId, AT), 0), AT)
  const released = sampleMessage('m' as MessageId, AT, { bands: '3' })
  const envelope = { ...released.envelope, release: { at: instant(AT + 5), asked: 'for;1' } }
  assert.equal(firstDueAt({ ...released, envelope }, 0), AT + 5)
  const hold = { by: 'gate', why: 'a test', until: instant(AT + 7) } as const
  assert.equal(firstDueAt({ ...released, hold }, 0), AT + 7)
})
