// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hours, ms, plus, seconds } from '../base/brand.ts'
import { ManualClock } from '../base/manual-clock.ts'
import type { QueueName } from '../spool/queue-name.ts'
import { Scheduler } from './scheduler.ts'

const A = 'news:shop@a.example' as QueueName
const B = 'news:shop@b.example' as QueueName

function rig() {
  const clock = new ManualClock()
  const due: QueueName[] = []
  const scheduler = new Scheduler(clock, (queue) => void due.push(queue))
  const inSeconds = (count: number) => plus(clock.now(), seconds(count))
  return { clock, due, scheduler, inSeconds }
}

test('A queue is woken when its first recipient is due, and once', () => {
  const { clock, due, scheduler, inSeconds } = rig()
  scheduler.advance(A, inSeconds(3))
  clock.advance(ms(2_999))
  assert.deepEqual(due, [])
  clock.advance(ms(1))
  assert.deepEqual(due, [A])
  clock.advance(hours(1))
  assert.deepEqual(due, [A])
  assert.equal(scheduler.size, 0)
})

test('Queues are woken in the order of their times, whatever the order they came in', () => {
  const { clock, due, scheduler, inSeconds } = rig()
  scheduler.advance(A, inSeconds(30))
  scheduler.advance(B, inSeconds(5))
  clock.advance(seconds(31))
  assert.deepEqual(due, [B, A])
})

test('An earlier time that is known stays; an earlier one that comes counts', () => {
  const { clock, due, scheduler, inSeconds } = rig()
  scheduler.advance(A, inSeconds(5))
  scheduler.advance(A, inSeconds(50))
  assert.equal(scheduler.dueAt(A), inSeconds(5))
  scheduler.advance(A, inSeconds(2))
  clock.advance(seconds(2))
  assert.deepEqual(due, [A])
})

test('A queue that is due already is woken at once, but not within the call', () => {
  const { clock, due, scheduler, inSeconds } = rig()
  scheduler.advance(A, inSeconds(-10))
  assert.deepEqual(due, [])
  clock.advance(ms(0))
  assert.deepEqual(due, [A])
})

test('A wall clock that is set forward is noticed within ten seconds', () => {
  const { clock, due, scheduler, inSeconds } = rig()
  scheduler.advance(A, inSeconds(3_600))
  clock.jump(hours(1))
  clock.advance(seconds(10))
  assert.deepEqual(due, [A])
})

test('Who is forgotten, and everybody after the stop, is not woken', () => {
  const { clock, due, scheduler, inSeconds } = rig()
  scheduler.advance(A, inSeconds(1))
  scheduler.forget(A)
  clock.advance(seconds(2))
  scheduler.advance(B, inSeconds(1))
  scheduler.stop()
  clock.advance(seconds(2))
  assert.deepEqual(due, [])
})

test('Very many queues that are due together are woken a part at a time', () => {
  const { clock, due, scheduler, inSeconds } = rig()
  const names = Array.from({ length: 5_000 }, (_, at) => `news:shop@${at}.example` as QueueName)
  const seen: number[] = []
  for (const name of names) scheduler.advance(name, inSeconds(1))
  clock.after(seconds(1), () => {
    for (let turn = 0; turn < 4; turn++) clock.after(ms(0), () => seen.push(due.length))
  })
  clock.advance(seconds(1))
  assert.equal(due.length, names.length)
  assert.ok(
    seen.every((count) => count > 0 && count < names.length),
    `${seen}`,
  )
})
