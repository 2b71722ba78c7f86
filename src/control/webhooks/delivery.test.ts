// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { instant } from '../../base/brand.ts'
import { InvariantError } from '../../base/invariant.ts'
import { Delivery, type DeliveryState } from './delivery.ts'

const states: readonly DeliveryState[] = [
  { kind: 'gathering', until: instant(1) },
  { kind: 'ready' },
  { kind: 'sending' },
  { kind: 'resting', dueAt: instant(2) },
  { kind: 'ended' },
]
const allowed = [
  'gathering ready',
  'ready sending',
  'sending ready',
  'sending resting',
  'sending ended',
  'resting ready',
]

for (const from of states)
  for (const to of states)
    test(`A delivery goes ${from.kind} → ${to.kind}, or may not`, () => {
      const delivery = new Delivery(from)
      if (allowed.includes(`${from.kind} ${to.kind}`)) {
        delivery.enter(to)
        assert.deepEqual(delivery.state, to)
      } else assert.throws(() => delivery.enter(to), InvariantError)
    })
