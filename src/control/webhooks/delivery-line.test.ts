// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { days, hours, type Instant, instant, ms, plus, seconds } from '../../base/brand.ts'
import { callLimits } from '../../base/limits/webhook-limits.ts'
import { SeededRandom } from '../../base/random.ts'
import type { Event } from '../../events/event.ts'
import { journalId, lsn } from '../../events/ids.ts'
import type { FedEvent } from '../../spool/event-feed.ts'
import type { Delivery } from './delivery.ts'
import { DeliveryLine, type Outcome } from './delivery-line.ts'

const single = { events: 1, wait: ms(0) }
const taken: Outcome = { kind: 'taken' }
const failed: Outcome = { kind: 'failed', retryAfter: null }
const start = instant(1_000_000)

let number = 0
function event(messageId: string | null, padding = ''): FedEvent {
  number++
  const about = messageId === null ? {} : { messageId }
  return {
    ...{ journal: journalId(1), lsn: lsn(number), segment: 1, offset: number * 100 },
    event: { type: 'message.delivered', padding, ...about } as unknown as Event,
  }
}

/** What it says to send now, until it says to wait. */
function all(line: DeliveryLine, now: Instant): Delivery[] {
  const found: Delivery[] = []
  for (let step = line.next(now); step.kind === 'send'; step = line.next(now))
    found.push(step.delivery)
  return found
}

function messages(deliveries: readonly Delivery[]): string[] {
  return deliveries.map(({ events }) => events.map(({ message }) => message).join())
}

const newLine = () => new DeliveryLine(new SeededRandom(1), [], start)

describe('The line of an endpoint', () => {
  it('sends several at once, but never two about one message', () => {
    const line = newLine()
    for (const message of ['a', 'b', 'a', 'c']) line.add(event(message), single, start)
    const first = all(line, start)
    assert.deepEqual(messages(first), ['a', 'b', 'c'])
    line.settle(first[0] as Delivery, taken, start)
    assert.deepEqual(messages(all(line, start)), ['a'])
  })

  it('sends no more at once than an endpoint is asked to bear', () => {
    const line = newLine()
    for (let count = 0; count < 20; count++) line.add(event(null), single, start)
    assert.equal(all(line, start).length, callLimits.requestsAtOnce)
  })

  it('keeps what is about a message behind what failed about it, and nothing else', () => {
    const line = newLine()
    for (const message of ['a', 'a', 'b']) line.add(event(message), single, start)
    const [first, other] = all(line, start)
    line.settle(first as Delivery, failed, start)
    line.settle(other as Delivery, taken, start)
    assert.deepEqual(all(line, start), [], 'the second about "a" waits')
    const step = line.next(start)
    assert.ok(step.kind === 'wait' && step.until !== null)
    const [again] = all(line, step.until)
    assert.equal(again, first)
    line.settle(again as Delivery, taken, step.until)
    assert.deepEqual(messages(all(line, step.until)), ['a'])
  })

  it('gathers events into one request, until it is full or its time is over', () => {
    const line = newLine()
    const batching = { events: 3, wait: seconds(5) }
    for (const message of ['a', 'b', 'c', 'd']) line.add(event(message), batching, start)
    assert.deepEqual(messages(all(line, start)), ['a,b,c'])
    const step = line.next(start)
    assert.deepEqual(step, { kind: 'wait', until: plus(start, seconds(5)) })
    assert.deepEqual(messages(all(line, plus(start, seconds(5)))), ['d'])
  })

  it('begins another request before one is too large', () => {
    const line = newLine()
    const batching = { events: 100, wait: seconds(5) }
    const half = 'x'.repeat(callLimits.bodyOctets / 2)
    for (const message of ['a', 'b', 'c']) line.add(event(message, half), batching, start)
    assert.deepEqual(messages(all(line, plus(start, seconds(5)))), ['a', 'b', 'c'])
  })

  it('takes one that an endpoint never takes for the trouble that it is', () => {
    const line = newLine()
    line.add(event('poison'), single, start)
    let now = start
    let dead = false
    let sent = 0
    while (!dead && now < plus(start, days(5))) {
      line.add(event(`good ${sent}`), single, now)
      for (const delivery of all(line, now)) {
        const isPoison = delivery.events[0]?.message === 'poison'
        dead = line.settle(delivery, isPoison ? failed : taken, now) || dead
        if (!isPoison) sent++
      }
      assert.ok(line.length <= 1, 'good ones do not wait for it')
      now = plus(now, hours(1))
    }
    assert.ok(dead && now >= plus(start, days(3)) && now < plus(start, days(3.5)))
    assert.ok(sent >= 72)
  })

  it('tries an endpoint that is down with one request at a time, ever more rarely', () => {
    const line = newLine()
    let now = start
    let attempts = 0
    while (now < plus(start, days(2))) {
      while (line.wantsMore) line.add(event(`m${number}`), single, now)
      const sent = all(line, now)
      if (line.health.kind === 'down') assert.ok(sent.length <= 1)
      attempts += sent.length
      for (const delivery of sent) line.settle(delivery, failed, now)
      const step = line.next(now)
      assert.ok(step.kind === 'wait' && step.until !== null && step.until > now)
      now = step.until
    }
    assert.ok(attempts < 30, `${attempts} attempts`)
    assert.ok(line.length <= callLimits.lineDeliveries)
    const [probe] = all(line, now)
    line.settle(probe as Delivery, taken, now)
    assert.equal(line.health.kind, 'up')
  })

  it('is not kept down by what can never be taken', () => {
    const line = newLine()
    for (const message of ['p1', 'p2', 'p3']) line.add(event(message), single, start)
    for (const delivery of all(line, start)) line.settle(delivery, failed, start)
    assert.equal(line.health.kind, 'down')
    assert.ok(line.wantsMore, 'one that was not tried')
    line.add(event('good'), single, start)
    assert.ok(!line.wantsMore, 'one is enough')
    const step = line.next(start)
    assert.ok(step.kind === 'wait' && step.until !== null)
    assert.deepEqual(messages(all(line, step.until)), ['good'])
  })

  it('waits as long as an endpoint asks for', () => {
    const line = newLine()
    line.add(event('a'), single, start)
    const [first] = all(line, start)
    line.settle(first as Delivery, { kind: 'failed', retryAfter: seconds(600) }, start)
    line.add(event('b'), single, start)
    assert.deepEqual(all(line, plus(start, seconds(599))), [])
    assert.equal(all(line, plus(start, seconds(601))).length, 1)
  })

  it('is bounded, in requests and in events', () => {
    const line = newLine()
    while (line.hasRoom) line.add(event(null), single, start)
    assert.equal(line.length, callLimits.lineDeliveries)
    const large = newLine()
    let count = 0
    for (; large.hasRoom; count++) large.add(event(null), { events: 1_000, wait: ms(1) }, start)
    assert.equal(count, callLimits.lineEvents)
  })

  it('waits no longer than ever after a restart with a clock that was set back', () => {
    const line = newLine()
    line.add(event('a'), single, start)
    const [first] = all(line, start)
    line.settle(first as Delivery, failed, start)
    const earlier = instant(start - days(30))
    const restored = new DeliveryLine(new SeededRandom(2), line.saved(start), earlier)
    const step = restored.next(earlier)
    assert.ok(step.kind === 'wait' && step.until !== null && step.until - earlier <= hours(7))
  })

  it('holds what few events say, and only the places of the others', () => {
    const line = newLine()
    const batching = { events: 50, wait: seconds(60) }
    for (let count = 0; count < 1_000; count++) line.add(event(`m${count}`), batching, start)
    const saved = line.saved(start)
    assert.equal(saved.flatMap(({ events }) => events).length, 1_000)
    assert.equal(line.held, callLimits.heldEvents)
  })

  it('goes on after a restart where it was', () => {
    const line = newLine()
    for (const message of ['a', 'b']) line.add(event(message), single, start)
    const [first] = all(line, start)
    line.settle(first as Delivery, failed, start)
    const saved = line.saved(start)
    const restored = new DeliveryLine(new SeededRandom(2), saved, start)
    assert.deepEqual(restored.saved(start), saved)
    const [again] = all(restored, start)
    assert.equal(again?.texts, null, 'what it says is read again')
    assert.equal(again?.id, saved[1]?.id)
  })
})
