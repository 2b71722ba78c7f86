// SPDX-License-Identifier: Apache-2.0
/**
 * The journal against a model that is a list in memory: random lives with restarts, kills, lost indexes and rounds that
 * free the disk in between, under bounds so small that everything happens all the time.
 */
import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { type Instant, ms, plus } from '../../src/base/brand.ts'
import { SeededRandom } from '../../src/base/random.ts'
import type { WaitingRecipient } from '../../src/spool/message.ts'
import { queueOf } from '../../src/spool/queue-name.ts'
import { type JournalRig, journalRig, TEST_LIMITS } from '../support/journal-rig.ts'
import { sampleBounced, sampleDeferred, sampleDelivered } from '../support/mail-samples.ts'
import { bodyOf, submit } from '../support/spool-rig.ts'

interface Modelled {
  readonly order: number
  readonly name: string
  readonly queue: string
  readonly priority: number
  readonly body: Buffer
  state: 'waiting' | 'owned' | 'final'
  dueAt: number
  attempts: number
  held: WaitingRecipient | null
}

const LIMITS = {
  ...TEST_LIMITS,
  segmentOctets: 6_000,
  inlineOctets: 700,
  dirtyRecipients: 7,
  cacheOctets: 2_000,
}
const SEEDS = 12
const STEPS = 120
const DOMAINS = ['example.net', 'example.org']

describe('the journal over a random life', () => {
  for (let seed = 1; seed <= SEEDS; seed++)
    it(`does what a list in memory would (seed ${seed})`, async () => {
      await using rig = await journalRig({ limits: LIMITS })
      const life = new Life(rig, new SeededRandom(seed))
      for (let step = 0; step < STEPS; step++) await life.step()
      await life.checkAll()
    })
})

class Life {
  readonly #rig: JournalRig
  readonly #random: SeededRandom
  readonly #all: Modelled[] = []

  constructor(rig: JournalRig, random: SeededRandom) {
    this.#rig = rig
    this.#random = random
  }

  async step(): Promise<void> {
    const dice = this.#random.fraction()
    if (dice < 0.3) await this.#submit()
    else if (dice < 0.65) await this.#settle()
    else if (dice < 0.85) await this.#take(this.#pick(this.#queues()))
    else if (dice < 0.92)
      this.#rig.clock.advance(ms(1_000 * Math.floor(this.#random.fraction() * 300)))
    else if (dice < 0.95) await this.#rig.spool.freeDisk()
    else await this.#restart()
    const waiting = this.#all.filter(({ state }) => state === 'waiting').length
    assert.equal(this.#rig.spool.waitingCount(), waiting)
    for (const queue of this.#queues()) {
      const own = this.#all.filter((one) => one.queue === queue && one.state === 'waiting')
      assert.equal(this.#rig.spool.waitingIn(queue), own.length)
    }
    const inHand = new Map(
      this.#all.flatMap(({ held }) => (held ? [[held.message.id, held.message] as const] : [])),
    )
    const envelopes = [...inHand.values()].map(({ envelope }) => envelope.recipients.length)
    assert.equal(
      this.#rig.spool.inHandCount(),
      envelopes.reduce((total, count) => total + count, 0),
    )
  }

  /** Everybody of the model, and nobody else, comes out after a last restart. */
  async checkAll(): Promise<void> {
    await this.#restart()
    this.#rig.clock.advance(ms(1_000_000))
    const expected = new Map<string, number>()
    for (const one of this.#all)
      if (one.state === 'waiting') expected.set(one.queue, (expected.get(one.queue) ?? 0) + 1)
    const waiting = [...this.#rig.spool.waiting()].map(({ queue, waiting }) => [queue, waiting])
    assert.deepEqual(new Map(waiting as [string, number][]), expected)
    const sum = [...expected.values()].reduce((total, count) => total + count, 0)
    assert.equal(this.#rig.spool.waitingCount(), sum)
    for (const queue of this.#queues()) await this.#take(queue, 1_000)
    assert.ok(this.#all.every(({ state }) => state !== 'waiting'))
  }

  #queues(): string[] {
    return [...new Set(this.#all.map(({ queue }) => queue))]
  }

  async #submit(): Promise<void> {
    const { spool, clock } = this.#rig
    const priority = this.#pick([0, 2, 2])
    const count = this.#pick([1, 1, 2, 5])
    const body = Buffer.alloc(this.#pick([40, 300, 900]), String.fromCharCode(97 + count))
    const recipients = Array.from({ length: count }, (_, at) => `u${at}@${this.#pick(DOMAINS)}`)
    const sent = await submit(spool, clock.now(), { recipients, priority }, [body])
    for (const held of sent.recipients)
      this.#all.push({
        order: this.#all.length,
        name: nameOf(held),
        queue: queueOf(held.message, held.index),
        ...{ priority, body, state: 'owned', dueAt: clock.now(), attempts: 0, held },
      })
  }

  async #settle(): Promise<void> {
    const { spool, clock } = this.#rig
    const owned = this.#all.filter(({ state }) => state === 'owned')
    if (owned.length === 0) return
    const one = this.#pick(owned)
    assert.ok(one.held)
    const dice = this.#random.fraction()
    if (dice < 0.2) spool.giveBack([one.held])
    else if (dice < 0.5) {
      one.dueAt = plus(clock.now(), ms(1_000 * Math.floor(this.#random.fraction() * 400)))
      one.attempts++
      await spool.record([sampleDeferred(one.held, clock.now(), one.dueAt as Instant)])
    } else {
      const outcome = dice < 0.9 ? sampleDelivered : sampleBounced
      await spool.record([outcome(one.held, clock.now())])
    }
    one.state = dice < 0.5 ? 'waiting' : 'final'
    one.held = null
  }

  async #take(queue: string | undefined, limit = 3): Promise<void> {
    if (queue === undefined) return
    const { spool, clock } = this.#rig
    const now = clock.now()
    const waiting = this.#all
      .filter((one) => one.queue === queue && one.state === 'waiting')
      .sort((a, b) => a.priority - b.priority || a.dueAt - b.dueAt || a.order - b.order)
    const expected = waiting.filter(({ dueAt }) => dueAt <= now).slice(0, limit)
    const rest = waiting.filter((one) => !expected.includes(one)).map(({ dueAt }) => dueAt)
    const { recipients, nextDueAt } = await spool.take(queue, now, limit)
    assert.deepEqual(
      recipients.map((one) => [nameOf(one), one.attempts]),
      expected.map(({ name, attempts }) => [name, attempts]),
    )
    assert.equal(nextDueAt, rest.length === 0 ? null : Math.min(...rest))
    for (const [at, held] of recipients.entries()) {
      const one = expected[at]
      assert.ok(one)
      Object.assign(one, { state: 'owned', held })
      assert.deepEqual(await bodyOf(await spool.content(held.message.id, held.address)), one.body)
    }
  }

  async #restart(): Promise<void> {
    await this.#rig.reopen(this.#pick(['closed', 'killed'] as const))
    if (this.#random.fraction() < 0.3) {
      await this.#rig.reopen('closed')
      rmSync(join(this.#rig.folder, 'index.sqlite'))
      await this.#rig.reopen('killed')
    }
    for (const one of this.#all)
      if (one.state === 'owned') Object.assign(one, { state: 'waiting', held: null })
  }

  #pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.#random.fraction() * items.length)] as T
  }
}

function nameOf({ message, index }: WaitingRecipient): string {
  return `${message.id}/${index}`
}
