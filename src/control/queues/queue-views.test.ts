// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SystemClock } from '../../base/clock.ts'
import type { Dispatcher } from '../../delivery/dispatcher.ts'
import type { Spool, WaitingQueue } from '../../spool/spool.ts'
import { QueueViews } from './queue-views.ts'

const COUNT = 5_000

/** As many queues as `COUNT`, the last the largest, and turns of the event loop counted while they are looked at. */
function rig() {
  const clock = new SystemClock()
  const nextDueAt = clock.now()
  const waiting = function* (): Iterable<WaitingQueue> {
    for (let at = 0; at < COUNT; at++)
      yield { queue: `news:shop@${at}.example`, waiting: at + 1, nextDueAt }
  }
  const dispatcher = {
    sites: { atWork: [], paths: function* () {} },
    whyStopped: () => null,
    campaigns: { ofQueue: () => null },
    pathsOf: () => null,
  } as unknown as Dispatcher
  return new QueueViews({ waiting } as unknown as Spool, dispatcher, clock)
}

test('Of very many queues the largest are listed, by name, and it is said that there are more', async () => {
  const { queues, isWhole } = await rig().list(3, null)
  assert.deepEqual(
    queues.map(({ queue, waiting }) => [queue, waiting]),
    [4_997, 4_998, 4_999].map((at) => [`news:shop@${at}.example`, at + 1]),
  )
  assert.equal(isWhole, false)
  assert.equal((await rig().list(COUNT, null)).isWhole, true)
})

test('While very many queues are looked at others get their turn', async () => {
  let turns = 0
  let isOver = false
  const count = () => {
    turns++
    if (!isOver) setImmediate(count)
  }
  setImmediate(count)
  await rig().list(10, null)
  isOver = true
  assert.ok(turns >= 3, `${turns}`)
})

test('A queue is found among them by its name, and so are those that a pattern means', async () => {
  const one = await rig().matching((queue) => queue === 'news:shop@7.example')
  assert.deepEqual(
    one.queues.map(({ waiting }) => waiting),
    [8],
  )
  const none = await rig().matching(() => false)
  assert.deepEqual([none.queues.length, none.others.length], [0, COUNT])
})
