// SPDX-License-Identifier: Apache-2.0
/**
 * A connection that is reserved for mail of classes before bulk: a real site with its paths and connections, on a simulated clock, before a
 * receiver that is a timer.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { sampleMessage } from '../../../test/support/mail-samples.ts'
import { noBrakes } from '../../../test/support/no-brakes.ts'
import { type DurationMs, minutes, ms, seconds } from '../../base/brand.ts'
import { DeadlineWheel } from '../../base/deadline-wheel.ts'
import { Lifecycle } from '../../base/lifecycle.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { SeededRandom } from '../../base/random.ts'
import { journalId, newMessageId } from '../../events/ids.ts'
import type { SiteName } from '../../protocol/mx.ts'
import { reply } from '../../protocol/reply.ts'
import type { EgressSourceName } from '../../queue/egress.ts'
import type { Batch } from '../../queue/ready-queue.ts'
import { OwnSlots } from '../../queue/shaping/connection-slots.ts'
import { Ledger } from '../../queue/shaping/ledger.ts'
import { LedgerRounds } from '../../queue/shaping/ledger-rounds.ts'
import { LessonBook } from '../../queue/shaping/lesson-book.ts'
import { OwnLessons } from '../../queue/shaping/own-lessons.ts'
import { OwnRates } from '../../queue/shaping/own-rates.ts'
import { type LimitValues, type Settings, ShapingRules } from '../../queue/shaping/rules.ts'
import type { ClientTransaction } from '../../smtp/client-session.ts'
import { MemoryContent } from '../../spool/content.ts'
import type { SpoolAddress } from '../../spool/message.ts'
import { queueOf } from '../../spool/queue-name.ts'
import { DeliveryBudget } from '../delivery-budget.ts'
import type { DeliveryContext } from '../delivery-context.ts'
import { FlowGates } from '../flow-gates.ts'
import { PathShaper } from './path-shaper.ts'
import { SiteDelivery } from './site-delivery.ts'
import { SitePaths } from './site-paths.ts'

const site = 'mx.example.net' as SiteName
const random = new SeededRandom(1)
const BACKLOG = 400

class Rig {
  readonly clock = new ManualClock()
  readonly site: SiteDelivery
  /** Transactions that go on, by class; and the most that did at once. */
  readonly busy = { bulk: 0, urgent: 0 }
  mostBulk = 0
  /** When each recipient's transaction began, monotonic. */
  readonly began = new Map<string, DurationMs>()
  readonly #lengths: () => DurationMs

  constructor(limits: Partial<LimitValues>, lengths: () => DurationMs) {
    this.#lengths = lengths
    const origin = { level: 'default', file: 'test.toml', line: 1 } as const
    const settings = Object.entries(limits).map(([name, value]) => [name, { value, origin }])
    const rules = new ShapingRules(Object.fromEntries(settings) as Settings, [])
    const { clock } = this
    const shared = {
      clock,
      rates: new OwnRates(),
      lessons: new OwnLessons(new LessonBook(1), clock, () => {}),
    }
    const context = {
      ...shared,
      ...{ node: 'test', random, wheel: new DeadlineWheel(clock), brakes: noBrakes },
      gates: new FlowGates(shared),
      slots: new OwnSlots(),
      lifecycle: new Lifecycle((_, thrown) => {
        throw thrown
      }),
      budget: new DeliveryBudget(),
      policy: () => ({ connections: 1_000, siteRests: [minutes(1)], idle: seconds(5) }),
      shaping: () => rules,
      connector: { connect: async () => ({ kind: 'connected', session: this.#session() }) },
      suppressions: { find: () => null },
      spool: {
        content: async () => new MemoryContent(new Uint8Array(), new Uint8Array()),
        giveBack: () => {},
      },
      recorder: { record: async () => true, report: async () => true },
      returnPathOf: () => '',
      ...{ announce: () => {}, onWaiting: () => {}, onWorking: () => {} },
    } as unknown as DeliveryContext
    const route = { kind: 'site', site, hosts: [{ name: site, preference: 10 }], port: 25 }
    const open = {
      ...route,
      addresses: new Map(),
      domainRule: null,
      pool: null,
      tls: 'none',
      tlsNames: [],
    }
    const source = {
      name: 'out' as EgressSourceName,
      localAddress: null,
      families: [4 as const],
      ehloName: 'relay.example',
      hop: null,
    }
    const member = { item: source, weight: 1, isOverflow: false }
    const paths = new SitePaths('default', site, [member], [minutes(1)], random)
    for (const path of paths) path.success()
    this.site = new SiteDelivery(context, paths, open as never, () => {})
  }

  push(kind: 'bulk' | 'urgent', count: number): readonly string[] {
    const id = newMessageId(this.clock.now(), journalId(1), random)
    const recipients = Array.from({ length: count }, (_, at) => `${kind}.${id}.${at}@example.net`)
    const priority = kind === 'bulk' ? 5 : 2
    const message = sampleMessage(id, this.clock.now(), { recipients, priority, stream: kind })
    for (const index of recipients.keys())
      this.site.admit({
        waiting: {
          ...{ message, address: {} as SpoolAddress, index, attempts: 0 },
          ...{ dueAt: this.clock.now(), lastAttempt: null },
        },
        queue: queueOf(message, index),
        readySince: this.clock.monotonic(),
      })
    this.site.pump()
    return recipients
  }

  async pass(time: DurationMs): Promise<void> {
    for (let past = 0; past < time; past += 100) {
      await settled()
      this.clock.advance(ms(100))
    }
    await settled()
  }

  #session() {
    return {
      extensions: { messagesMost: Number.POSITIVE_INFINITY, recipientsMost: 100 },
      isUsable: true,
      keepUntil: () => {},
      onClose: () => {},
      quit: async () => {},
      transact: (transaction: ClientTransaction) => this.#transact(transaction),
    }
  }

  #transact({ recipients }: ClientTransaction): Promise<unknown> {
    const name = String(recipients[0]?.forwardPath)
    const kind = name.startsWith('bulk') ? 'bulk' : 'urgent'
    this.began.set(name, this.clock.monotonic())
    this.busy[kind]++
    this.mostBulk = Math.max(this.mostBulk, this.busy.bulk)
    const taken = { stage: 'content', reply: reply(250, '2.0.0', 'Ok'), said: 'peer' }
    const facts = { mx: 'mx[192.0.2.1]:25', tls: null, offersDsn: false, conversation: [] }
    return new Promise((resolve) =>
      this.clock.after(this.#lengths(), () => {
        this.busy[kind]--
        resolve({ recipients: recipients.map(() => taken), lost: null, facts })
      }),
    )
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise(setImmediate)
}

describe('A reserved connection', () => {
  it('is left alone by bulk mail, however much waits, and a receipt leaves at once', async () => {
    const rig = new Rig({ connections: 3, reservedConnections: 1 }, () => minutes(10))
    rig.push('bulk', BACKLOG)
    await rig.pass(seconds(1))
    assert.deepEqual(rig.busy, { bulk: 2, urgent: 0 })
    const at = rig.clock.monotonic()
    const [receipt = ''] = rig.push('urgent', 1)
    await settled()
    assert.equal(rig.began.get(receipt), at)
    assert.equal(rig.busy.bulk, 2)
  })

  it('would be taken by bulk mail, were it not reserved', async () => {
    const rig = new Rig({ connections: 3 }, () => minutes(10))
    rig.push('bulk', BACKLOG)
    await rig.pass(seconds(1))
    const [receipt = ''] = rig.push('urgent', 1)
    await rig.pass(minutes(5))
    assert.equal(rig.began.has(receipt), false)
  })

  it('leaves bulk mail one connection, and says that it binds', async () => {
    const rig = new Rig({ connections: 2, reservedConnections: 5 }, () => seconds(1))
    rig.push('bulk', 20)
    await rig.pass(seconds(3))
    assert.equal(rig.mostBulk, 1)
    const [shaper] = rig.site.shaping
    assert.equal(shaper?.binding?.limit, 'reservedConnections')
    await rig.pass(seconds(60))
    assert.equal([...rig.began].length, 20, 'all of it goes, one after the other')
  })

  it('lets receipts use every connection', async () => {
    const rig = new Rig({ connections: 3, reservedConnections: 1 }, () => seconds(30))
    rig.push('urgent', 10)
    await settled()
    assert.equal(rig.busy.urgent, 3)
  })

  it('is free for a receipt within one transaction, whatever waits and however long transactions take', async () => {
    const longest = 4_000
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 5 }),
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.integer({ min: 1, max: longest / 100 }), { minLength: 20, maxLength: 20 }),
        fc.array(fc.integer({ min: 0, max: 15_000 }), { minLength: 3, maxLength: 8 }),
        async (connections, wished, lengths, gaps) => {
          const reserved = Math.min(wished, connections - 1)
          let turn = 0
          const rig = new Rig({ connections, reservedConnections: reserved }, () =>
            ms(100 * (lengths[turn++ % lengths.length] ?? 1)),
          )
          rig.push('bulk', BACKLOG)
          for (const gap of gaps) {
            await rig.pass(ms(gap))
            const isFree = rig.busy.urgent < reserved
            const at = rig.clock.monotonic()
            const [receipt = ''] = rig.push('urgent', 1)
            await (isFree ? settled() : rig.pass(ms(longest)))
            const waited = (rig.began.get(receipt) ?? Number.POSITIVE_INFINITY) - at
            assert.ok(waited <= (isFree ? 0 : longest), `waited ${waited} ms`)
          }
          assert.ok(rig.mostBulk <= connections - reserved)
        },
      ),
      { numRuns: 25, seed: 1 },
    )
  })
})

describe('Workers that share reserved connections', () => {
  it('carry together no more bulk mail than is left, and one of them a receipt soon', async () => {
    const clock = new ManualClock()
    const ledger = new Ledger(2, clock.monotonic(), new LessonBook(1))
    const waiting = { bulk: 50, urgent: 0 }
    const limit = (value: number) => ({
      value,
      origin: { level: 'default', file: 'test.toml', line: 1 } as const,
    })
    const settings = { connections: limit(3), reservedConnections: limit(1) }
    const shapers = [0, 1].map((index) => {
      const rounds = new LedgerRounds(
        async (ask) => ledger.ask(index, ask, clock.monotonic(), clock.now()),
        clock,
        { index, count: 2 },
      )
      const urgent = () => (index === 1 ? waiting.urgent : 0)
      return new PathShaper(
        rounds,
        'default',
        { source: 'out' as EgressSourceName, site },
        { coldSince: null, provider: null, settings },
        {
          get urgentWaiting() {
            return urgent()
          },
          demand: () => {
            const all = waiting.bulk + urgent()
            const highestClass = urgent() > 0 ? 2 : 5
            return { waiting: all, highestClass, weightedDepth: all, oldestAge: ms(0) }
          },
          wake: () => {},
        },
      )
    })
    const batch = (priority: number): Batch => {
      const id = newMessageId(clock.now(), journalId(1), random)
      const message = sampleMessage(id, clock.now(), { priority })
      const state = { attempts: 0, dueAt: clock.now(), lastAttempt: null }
      const one = { message, address: {} as SpoolAddress, index: 0, ...state }
      return [{ waiting: one, queue: queueOf(message, 0), readySince: 0 }]
    }
    const pass = async (time: DurationMs) => {
      for (let past = 0; past < time; past += 250) {
        for (const [index, shaper] of shapers.entries()) {
          const all = waiting.bulk + (index === 1 ? waiting.urgent : 0)
          if (!shaper.hasRoom(all) || !shaper.hasUse) continue
          shaper.open++
          const isUrgent = index === 1 && waiting.urgent > 0
          if (isUrgent) waiting.urgent--
          shaper.carries(batch(isUrgent ? 2 : 5), { isUrgent: () => isUrgent })
        }
        await settled()
        clock.advance(ms(250))
      }
    }
    const open = () => shapers.reduce((sum, shaper) => sum + shaper.open, 0)
    await pass(seconds(30))
    assert.equal(open(), 2)
    waiting.urgent = 1
    await pass(seconds(3))
    assert.deepEqual([open(), waiting.urgent], [3, 0])
  })
})
