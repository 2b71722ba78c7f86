// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant, ms } from '../base/brand.ts'
import { queueLimits } from '../base/limits/limits.ts'
import type { MessageId } from '../events/ids.ts'
import type { Mailbox } from '../protocol/mailbox.ts'
import type { SiteName } from '../protocol/mx.ts'
import type { Message, SpoolAddress } from '../spool/message.ts'
import type { QueueName } from '../spool/queue-name.ts'
import { isExpired, ReadyQueue, type ReadyRecipient } from './ready-queue.ts'

const campaign = 'bulk:shop@example.net' as QueueName
const receipts = 'transactional:shop@example.net' as QueueName

function message(id: string, priority: number, mayShareTransaction = false): Message {
  const forwardPath = 'jane@example.net' as Mailbox
  const recipient = { forwardPath, notify: null, originalRecipient: null }
  return {
    id: id as MessageId,
    receivedAt: instant(0),
    expiresAt: instant(1_000),
    tenant: 'shop',
    stream: 'bulk',
    campaign: null,
    envelope: {
      reversePath: null,
      recipients: new Array(300).fill(recipient),
      body: '7BIT',
      smtputf8: false,
      ret: null,
      envid: null,
    },
    returnPathDomain: null,
    mayShareTransaction,
    reports: null,
    priority,
    retryOf: null,
    size: 1,
  }
}

function ready(of: Message, queue: QueueName, index = 0): ReadyRecipient {
  const address = {} as SpoolAddress
  return {
    waiting: { message: of, address, index, attempts: 0, dueAt: instant(0), lastAttempt: null },
    queue,
    readySince: index,
  }
}

function queue(): ReadyQueue {
  return new ReadyQueue('default', 'mx.example.net' as SiteName)
}

describe('A ready queue', () => {
  it('gives what came first, one recipient a transaction', () => {
    const window = queue()
    const [first, second] = [message('A', 5), message('B', 5)]
    window.push(ready(first, campaign))
    window.push(ready(second, campaign))
    assert.equal(window.pull()?.[0].waiting.message, first)
    assert.equal(window.pull()?.length, 1)
    assert.equal(window.pull(), null)
    assert.equal(window.size, 0)
  })

  it('sends a receipt before a campaign that came earlier', () => {
    const window = queue()
    for (let at = 0; at < 100; at++) window.push(ready(message(`C${at}`, 5), campaign))
    window.push(ready(message('R', 2), receipts))
    assert.equal(window.pull()?.[0].waiting.message.id, 'R')
  })

  it('has room for a receipt while a campaign fills the rest', () => {
    const window = queue()
    for (let at = 0; at < queueLimits.windowHigh; at++)
      window.push(ready(message('C', 5), campaign, at))
    assert.equal(window.roomFor(campaign), 0)
    assert.ok(window.roomFor(receipts) >= queueLimits.windowShareLeast)
  })

  it('joins recipients of one message where its stream allows that, up to what receivers must take', () => {
    const window = queue()
    const shared = message('A', 2, true)
    for (let index = 0; index < 250; index++) window.push(ready(shared, receipts, index))
    window.push(ready(message('B', 2, true), receipts))
    assert.deepEqual(
      [1, 2, 3, 4].map(() => window.pull()?.length),
      [100, 100, 50, 1],
    )
  })

  it('puts a batch back where it was', () => {
    const window = queue()
    const shared = message('A', 2, true)
    for (let index = 0; index < 3; index++) window.push(ready(shared, receipts, index))
    const batch = window.pull()
    window.putBack(batch ?? [])
    assert.deepEqual(
      [...window].map(({ waiting }) => waiting.index),
      [0, 1, 2],
    )
    assert.equal(window.sizeOf(receipts), 3)
  })

  it('removes what is asked for and keeps the order of the rest', () => {
    const window = queue()
    for (let index = 0; index < 6; index++) window.push(ready(message('A', 5), campaign, index))
    const removed = window.remove(({ waiting }) => waiting.index % 2 === 0)
    assert.deepEqual(
      removed.map(({ waiting }) => waiting.index),
      [0, 2, 4],
    )
    assert.deepEqual(
      [...window].map(({ waiting }) => waiting.index),
      [1, 3, 5],
    )
    assert.equal(window.size, 3)
  })

  it('says for who lends what waits here: how much, how urgent, since when', () => {
    const window = queue()
    assert.equal(window.demand(ms(500)).waiting, 0)
    for (let index = 10; index < 13; index++) window.push(ready(message('A', 5), campaign, index))
    window.push(ready(message('B', 1), receipts, 100))
    const expected = { waiting: 4, highestClass: 1, weightedDepth: 4, oldestAge: 490 }
    assert.deepEqual(window.demand(ms(500)), expected)
  })

  it('knows a recipient whose time is over', () => {
    assert.equal(isExpired(ready(message('A', 5), campaign), instant(999)), false)
    assert.equal(isExpired(ready(message('A', 5), campaign), instant(1_000)), true)
  })
})
