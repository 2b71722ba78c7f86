// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Batch } from '../../queue/ready-queue.ts'
import { OwnSlots } from '../../queue/shaping/connection-slots.ts'
import type { LaneUser } from '../../queue/shaping/rates.ts'
import { BulkShare } from './bulk-share.ts'

const user = { demand: () => ({}), wake: () => {} } as unknown as LaneUser
const batch = () => [{}] as unknown as Batch

function shareOf(limit: number): BulkShare {
  return new BulkShare(new OwnSlots().lane('bulk', [{ key: 'bulk', limit }], user))
}

test('Mail counts as what it was when its transaction began', () => {
  const share = shareOf(2)
  const [bulk, urgent] = [batch(), batch()]
  share.begins(bulk, false)
  share.begins(urgent, true)
  assert.equal(share.hasRoom, true)
  share.begins(batch(), false)
  assert.equal(share.hasRoom, false)
  share.ends(urgent)
  assert.equal(share.hasRoom, false)
  share.ends(bulk)
  assert.equal(share.hasRoom, true)
})

test('A transaction that began before connections were reserved gives no room back', () => {
  const share = shareOf(1)
  share.begins(batch(), false)
  share.ends(batch())
  assert.equal(share.hasRoom, false)
})
