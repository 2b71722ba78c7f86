// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ms } from '../base/brand.ts'
import { queueLimits } from '../base/limits.ts'
import { ManualClock } from '../base/manual-clock.ts'
import type { QueueName } from '../spool/queue-name.ts'
import { DeliveryBudget } from './delivery-budget.ts'
import type { DeliveryPolicy } from './delivery-context.ts'
import { TrialLine } from './trial-line.ts'

const { trialsAtOnce, trialEveryMs } = queueLimits

function rig() {
  const clock = new ManualClock()
  const fed: QueueName[] = []
  const working = new Set<QueueName>()
  const budget = new DeliveryBudget()
  const context = { clock, budget, policy: () => ({ connections: 2 }) as DeliveryPolicy }
  const isOutOfDoubt = (queue: QueueName) => working.has(queue)
  const line = new TrialLine(context, isOutOfDoubt, (queue) => fed.push(queue))
  return { clock, fed, working, budget, line }
}

function names(count: number): QueueName[] {
  return Array.from({ length: count }, (_, at) => `news:shop@${at}.example` as QueueName)
}

describe('The line of queues whose site is in doubt', () => {
  it('feeds one that comes alone at once', () => {
    const { line, fed } = rig()
    const [queue] = names(1)
    line.add(queue as QueueName)
    assert.deepEqual(fed, [queue])
  })

  it('feeds many in their order, at its pace, each once', () => {
    const { clock, line, fed } = rig()
    const queues = names(3 * trialsAtOnce)
    for (const queue of [...queues, ...queues.slice(trialsAtOnce)]) line.add(queue)
    assert.equal(fed.length, trialsAtOnce)
    clock.advance(ms(trialEveryMs))
    assert.equal(fed.length, 2 * trialsAtOnce)
    clock.advance(ms(trialEveryMs))
    assert.deepEqual(fed, queues)
    assert.equal(line.size, 0)
  })

  it('does not hold up those whose site was found to work', () => {
    const { clock, line, fed, working } = rig()
    const queues = names(5 * trialsAtOnce)
    for (const queue of queues) line.add(queue)
    for (const queue of queues) working.add(queue)
    clock.advance(ms(trialEveryMs))
    assert.equal(fed.length, queues.length)
  })

  it('waits while half of all connections are are being made', () => {
    const { clock, line, fed, budget } = rig()
    budget.openConnection({ pump: () => {} }, 2)
    for (const queue of names(2)) line.add(queue)
    clock.advance(ms(trialEveryMs))
    assert.deepEqual(fed, [])
    budget.dialed()
    clock.advance(ms(trialEveryMs))
    assert.equal(fed.length, 2)
  })
})
