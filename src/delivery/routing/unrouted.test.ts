// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dnsLimits } from '../../base/limits/limits.ts'
import type { Domain } from '../../protocol/mailbox.ts'
import type { ReadyRecipient } from '../../queue/ready-queue.ts'
import { DeliveryBudget } from '../delivery-budget.ts'
import { Unrouted } from './unrouted.ts'

const recipient = {} as ReadyRecipient

function rig(windowTotal: number) {
  const budget = new DeliveryBudget(windowTotal)
  const asked: Domain[] = []
  const unrouted = new Unrouted(budget, (domain) => asked.push(domain))
  /** How many of `count` found room. */
  const add = (count: number, domainAt: (at: number) => string) =>
    Array.from({ length: count }, (_, at) =>
      unrouted.add(domainAt(at) as Domain, recipient),
    ).filter(Boolean).length
  return { budget, asked, unrouted, add }
}

test('A domain is looked up once, and all who wait for it come back together', () => {
  const { budget, asked, unrouted, add } = rig(1_000)
  assert.equal(
    add(3, () => 'shop.example'),
    3,
  )
  assert.equal(budget.windowed, 3)
  assert.deepEqual(asked, ['shop.example'])
  assert.equal(unrouted.end('shop.example' as Domain).length, 3)
  assert.equal(budget.windowed, 0)
  assert.deepEqual(unrouted.end('shop.example' as Domain), [])
})

test('Whatever a resolver that does not answer holds up, it is no more than windows have room for', () => {
  assert.equal(
    rig(1_000).add(5_000, (at) => `${at}.example`),
    1_000,
  )
  const roomy = rig(10_000_000)
  assert.equal(
    roomy.add(5_000, () => 'shop.example'),
    200,
    'of one domain',
  )
  assert.equal(
    roomy.add(20_000, (at) => `${at}.example`),
    dnsLimits.waiting - 1,
    'of all',
  )
})
