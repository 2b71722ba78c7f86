// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ms } from '../base/brand.ts'
import { queueLimits } from '../base/limits/limits.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { TrialPace } from '../queue/trial-pace.ts'
import type { QueueName } from '../spool/queue-name.ts'
import { DeliveryBudget } from './delivery-budget.ts'
import type { DeliveryPolicy } from './delivery-context.ts'
import { TrialLine } from './trial-line.ts'

const { trialEveryMs, trialsMost } = queueLimits
/** Turns of the first interval. */
const AT_ONCE = new TrialPace().allowed

function rig() {
  const clock = new ManualClock()
  const fed: QueueName[] = []
  const working = new Set<QueueName>()
  const budget = new DeliveryBudget()
  const context = { clock, budget, policy: () => ({ connections: 4 }) as DeliveryPolicy }
  const resolver = { isCrowded: false }
  const line = new TrialLine(context, {
    isOutOfDoubt: (queue) => working.has(queue),
    isCrowded: () => resolver.isCrowded,
    onTurn: (queue) => fed.push(queue),
  })
  return { clock, fed, working, resolver, budget, line }
}

function names(count: number): QueueName[] {
  return Array.from({ length: count }, (_, at) => `news:shop@${at}.example` as QueueName)
}

describe('The line of queues whose site is in doubt', () => {
  it('feeds one that comes alone at once', () => {
    const { line, fed } = rig()
    const queues = names(1)
    for (const queue of queues) line.add(queue, 'hopeful')
    assert.deepEqual(fed, queues)
  })

  it('feeds many in their order, each once, and faster while the process keeps up', () => {
    const { clock, line, fed } = rig()
    const queues = names(30 * trialsMost)
    for (const queue of [...queues, ...queues.slice(AT_ONCE)]) line.add(queue, 'hopeful')
    const after = [fed.length]
    while (line.size > 0) {
      clock.advance(ms(trialEveryMs))
      after.push(fed.length)
    }
    assert.deepEqual(fed, queues)
    const turns = after.slice(1).map((count, at) => count - (after[at] ?? 0))
    assert.equal(after[0], AT_ONCE)
    assert.ok((turns[0] ?? 0) > AT_ONCE)
    assert.equal(Math.max(...turns), trialsMost)
  })

  it('does not hold up those whose site was found to work', () => {
    const { clock, line, fed, working } = rig()
    const queues = names(5 * AT_ONCE)
    for (const queue of queues) line.add(queue, 'hopeful')
    for (const queue of queues) working.add(queue)
    clock.advance(ms(trialEveryMs))
    assert.equal(fed.length, queues.length)
  })

  it('waits while more ask for their route than are answered, but for those who need none', () => {
    const { clock, line, fed, working, resolver } = rig()
    resolver.isCrowded = true
    const queues = names(3)
    for (const queue of queues) line.add(queue, 'hopeful')
    clock.advance(ms(10 * trialEveryMs))
    assert.deepEqual(fed, [])
    working.add(queues[0] as QueueName)
    clock.advance(ms(trialEveryMs))
    assert.deepEqual(fed, queues.slice(0, 1))
    resolver.isCrowded = false
    clock.advance(ms(trialEveryMs))
    assert.deepEqual(fed, queues)
  })

  it('lets one pass that is known to work, wherever it stands, and once', () => {
    const { clock, line, fed } = rig()
    const queues = names(3 * AT_ONCE)
    for (const queue of queues) line.add(queue, 'hopeful')
    const last = queues.at(-1) as QueueName
    line.pass(last)
    assert.equal(fed.at(-1), last)
    line.pass(last)
    for (let left = queues.length; left > 0; left--) clock.advance(ms(trialEveryMs))
    assert.equal(fed.length, queues.length)
  })

  it('gives sites that were found down again and again one turn in five, and those that nobody else wants', () => {
    const { clock, line, fed } = rig()
    const [hopeless, hopeful] = [names(1_000), names(2_000).slice(1_000)]
    for (const queue of names(3_000).slice(2_000, 2_000 + AT_ONCE)) line.add(queue, 'hopeful')
    for (const queue of hopeless) line.add(queue, 'hopeless')
    for (const queue of hopeful) line.add(queue, 'hopeful')
    fed.length = 0
    while (!hopeful.every((queue) => fed.includes(queue))) clock.advance(ms(trialEveryMs))
    const share = fed.filter((queue) => hopeless.includes(queue)).length / fed.length
    assert.ok(share > 0.15 && share < 0.25, `${share}`)
    const before = fed.length
    clock.advance(ms(trialEveryMs))
    assert.equal(fed.length - before, trialsMost)
  })

  it('waits while half of all connections are being made, a quarter for those that are hopeless', () => {
    const { clock, line, fed, budget } = rig()
    const [one, other] = names(2) as [QueueName, QueueName]
    budget.openConnection({ pump: () => {} }, 4)
    line.add(one, 'hopeless')
    line.add(other, 'hopeful')
    assert.deepEqual(fed, [other])
    budget.openConnection({ pump: () => {} }, 4)
    line.add(other, 'hopeful')
    clock.advance(ms(trialEveryMs))
    assert.deepEqual(fed, [other])
    budget.dialed()
    clock.advance(ms(trialEveryMs))
    assert.deepEqual(fed, [other, other])
    budget.dialed()
    clock.advance(ms(trialEveryMs))
    assert.deepEqual(fed, [other, other, one])
  })
})
