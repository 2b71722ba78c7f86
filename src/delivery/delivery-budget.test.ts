// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { queueLimits } from '../base/limits/limits.ts'
import { DeliveryBudget } from './delivery-budget.ts'

/** A site that opens one connection whenever it is asked to look, as long as it has mail. */
function site(budget: DeliveryBudget, name: string, log: string[], mail = 1) {
  return {
    pump() {
      if (mail === 0) return
      if (!budget.openConnection(this, 1)) return
      mail--
      log.push(name)
    },
  }
}

describe('The budget of delivery', () => {
  it('asks the sites that found no connection left, in their order, when one closes', () => {
    const budget = new DeliveryBudget()
    const log: string[] = []
    for (const name of ['a', 'b', 'c']) site(budget, name, log).pump()
    assert.deepEqual(log, ['a'])
    budget.connectionClosed()
    assert.deepEqual(log, ['a', 'b'])
    budget.connectionClosed()
    assert.deepEqual(log, ['a', 'b', 'c'])
    assert.equal(budget.connections, 1)
  })

  it('passes over a site that needs none any more', () => {
    const budget = new DeliveryBudget()
    const log: string[] = []
    site(budget, 'a', log).pump()
    budget.awaitRoom(site(budget, 'spent', log, 0))
    budget.awaitRoom(site(budget, 'b', log))
    budget.connectionClosed()
    assert.deepEqual(log, ['a', 'b'])
  })

  it('closes the connection that idles longest for a site that has work', () => {
    const budget = new DeliveryBudget()
    const log: string[] = []
    budget.openConnection(site(budget, 'idler', log), 1)
    budget.idle({ giveUp: () => log.push('idler gives up') })
    site(budget, 'busy', log).pump()
    assert.deepEqual(log, ['idler gives up'])
    budget.connectionClosed()
    assert.deepEqual(log, ['idler gives up', 'busy'])
  })

  it('lets content in by its size, in the order in which it was asked for', async () => {
    const budget = new DeliveryBudget(1, 1_000)
    const log: number[] = []
    const enter = async (size: number) => {
      await budget.enterContent(size)
      log.push(size)
    }
    const all = [300, 150, 100, 50].map(enter)
    await Promise.all(all.slice(0, 2))
    assert.deepEqual(log, [300, 150])
    budget.leaveContent(150)
    await Promise.all(all)
    assert.deepEqual(log, [300, 150, 100, 50])
  })

  it('lets content in that is larger than all the room, when it is alone', async () => {
    const budget = new DeliveryBudget(1, 1_000)
    assert.equal(budget.enterContent(501), undefined)
    const next = budget.enterContent(501)
    assert.ok(next)
    budget.leaveContent(501)
    await next
  })

  it('has no room while memory is full, and asks again when it is not', () => {
    let isFull = false
    const budget = new DeliveryBudget(10, 1_000, 5, () => isFull)
    const log: string[] = []
    assert.equal(budget.room, 10)
    isFull = true
    assert.equal(budget.room, 0)
    budget.awaitRoom(site(budget, 'a', log))
    budget.settled()
    assert.deepEqual(log, [])
    isFull = false
    budget.settled()
    assert.deepEqual(log, ['a'])
  })

  it('asks a site that found no room in memory when recipients have left it', () => {
    const budget = new DeliveryBudget()
    const log: string[] = []
    budget.enterWindow(queueLimits.windowTotal)
    assert.equal(budget.room, 0)
    budget.awaitRoom(site(budget, 'a', log))
    budget.leaveWindow(1)
    assert.deepEqual(log, ['a'])
    assert.equal(budget.room, 1)
  })
})
