// SPDX-License-Identifier: Apache-2.0
/** Mail of a tenant or campaign that is complained of, before the lanes of a site: on a simulated clock, through the real window. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sampleMessage } from '../../test/support/mail-samples.ts'
import { type DurationMs, ms, seconds } from '../base/brand.ts'
import { shapingLimits } from '../base/limits/shaping-limits.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { SeededRandom } from '../base/random.ts'
import { journalId, newMessageId } from '../events/ids.ts'
import type { SiteName } from '../protocol/mx.ts'
import type { SpoolAddress } from '../spool/message.ts'
import { type QueueName, queueOf } from '../spool/queue-name.ts'
import { FlowGate } from './flow-gate.ts'
import { ReadyQueue } from './ready-queue.ts'
import { LessonBook } from './shaping/lesson-book.ts'
import type { Flow } from './shaping/lessons.ts'
import { OwnLessons } from './shaping/own-lessons.ts'
import { OwnRates } from './shaping/own-rates.ts'

const random = new SeededRandom(1)
const site = 'mx.example.net' as SiteName
const shop: Flow = { kind: 'tenant', tenant: 'shop', at: 'google' }
const spring: Flow = { ...shop, kind: 'campaign', campaign: 'spring' }

class Rig {
  readonly clock = new ManualClock()
  readonly lessons = new OwnLessons(new LessonBook(1), this.clock, () => {})
  readonly ready = new ReadyQueue('default', site)
  wakesAt: DurationMs | null = null

  /** `went`: messages in the last minute, of which half is too much. */
  complain(whom: Flow, went: number): void {
    this.lessons.hear({
      ...{ kind: 'complaint', whom, aspect: 'messageRate', words: '421 4.7.28' },
      heard: { limit: null, observed: went, proven: null },
    })
    if (this.ready.gate !== null) this.ready.refreshGate()
    else
      this.ready.setGate(
        new FlowGate({
          ...{ lessons: this.lessons, rates: new OwnRates(), clock: this.clock },
          ...{ place: 'google', name: 'default mx', wake: () => {} },
          wakeAt: (until) => {
            this.wakesAt = until
          },
        }),
      )
  }

  push(tenant: string, campaign: string | null, count: number): void {
    const id = newMessageId(this.clock.now(), journalId(1), random)
    const recipients = Array.from({ length: count }, (_, at) => `user${at}@example.net`)
    const sample = sampleMessage(id, this.clock.now(), { recipients })
    const message = { ...sample, tenant, campaign } as typeof sample
    const state = { attempts: 0, dueAt: this.clock.now(), lastAttempt: null }
    for (let index = 0; index < count; index++)
      this.ready.push({
        waiting: { message, address: {} as SpoolAddress, index, ...state },
        queue: queueOf(message, index),
        readySince: this.clock.monotonic(),
      })
  }

  /** Everything that may go in a time, by whose it is. */
  pulled(within: DurationMs = ms(0)): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {}
    for (let past = 0; ; past += 1_000) {
      this.ready.openGate()
      for (let batch = this.ready.pull(1); batch !== null; batch = this.ready.pull(1)) {
        const { campaign, tenant } = batch[0].waiting.message
        const name = campaign === null ? tenant : `${tenant} ${campaign}`
        counts[name] = (counts[name] ?? 0) + 1
      }
      if (past >= within) return counts
      this.clock.advance(seconds(1))
    }
  }
}

describe('A tenant that a receiver complains of', () => {
  it('goes at the pace that was learned, and its neighbours pass by', () => {
    const rig = new Rig()
    rig.complain(shop, 120)
    rig.push('shop', null, 200)
    rig.push('bank', null, 200)
    assert.deepEqual(rig.pulled(), { shop: 1, bank: 200 })
    const { shop: went = 0 } = rig.pulled(seconds(60))
    assert.ok(went > 55 && went <= 60, `${went} in a minute at 60/min`)
  })

  it('is kept also with what was in the lanes already', () => {
    const rig = new Rig()
    rig.push('shop', null, 20)
    rig.push('bank', null, 3)
    rig.complain(shop, 120)
    assert.deepEqual(rig.pulled(), { shop: 1, bank: 3 })
    assert.equal(rig.ready.size, 0, 'nothing that could go')
    assert.equal(rig.ready.wholeSize, 19)
    assert.ok(rig.wakesAt !== null && rig.wakesAt > rig.clock.monotonic())
  })

  it('is as free as before when nothing is learned of it any more', () => {
    const rig = new Rig()
    rig.complain(shop, 4)
    rig.push('shop', null, 30)
    rig.pulled()
    const success = { kind: 'success', whom: shop, count: 100, limits: {} } as const
    for (let step = 0; step < 40; step++) {
      rig.clock.advance(seconds(300))
      rig.lessons.hear(success)
    }
    rig.ready.refreshGate()
    assert.deepEqual(rig.pulled(), { shop: 29 })
    assert.equal(rig.ready.gate, null)
  })

  it('may have one campaign alone that is slow', () => {
    const rig = new Rig()
    rig.complain(spring, 2)
    rig.push('shop', 'spring', 5)
    rig.push('shop', 'summer', 5)
    assert.deepEqual(rig.pulled(), { 'shop spring': 1, 'shop summer': 5 })
  })

  it('holds its campaigns to its own pace too', () => {
    const rig = new Rig()
    rig.complain(spring, 1_000)
    rig.complain(shop, 60)
    rig.push('shop', 'spring', 100)
    rig.push('shop', null, 100)
    const went = Object.values(rig.pulled(seconds(60))).reduce((sum, each) => sum + each, 0)
    assert.ok(went > 25 && went <= 31, `${went} in a minute at 30/min`)
  })

  it('keeps no more than its part in memory: the rest waits in the index', () => {
    const rig = new Rig()
    rig.complain(shop, 2)
    rig.push('shop', 'spring', shapingLimits.slowedMost)
    const queue = [...rig.ready][0]?.queue
    assert.ok(queue)
    assert.ok(rig.ready.roomFor(queue) > 0, 'one of them was free to go')
    rig.push('shop', 'spring', 1)
    assert.equal(rig.ready.roomFor(queue), 0)
    assert.equal(rig.ready.roomFor('news.autumn:shop@example.org' as QueueName), 0)
    assert.ok(rig.ready.roomFor('news:bank@example.net' as QueueName) > 0)
  })

  it('keeps its share of the window, and is found in it and taken out of it', () => {
    const rig = new Rig()
    rig.complain(shop, 2)
    rig.push('shop', 'spring', 5)
    const [waiting] = rig.ready
    assert.ok(waiting)
    assert.equal(rig.ready.sizeOf(waiting.queue), 5)
    assert.equal(rig.ready.gate?.waitOf(waiting.queue)?.key, 'tenant shop google')
    assert.equal([...rig.ready].length, 5)
    assert.equal(rig.ready.remove(() => true).length, 5)
    assert.deepEqual([rig.ready.wholeSize, rig.ready.sizeOf(waiting.queue)], [0, 0])
  })
})
