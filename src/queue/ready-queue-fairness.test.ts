// SPDX-License-Identifier: Apache-2.0
/** Who gets how much of a path, and who waits how long, on a clock that is turned. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { sampleMessage } from '../../test/support/mail-samples.ts'
import { instant, ms } from '../base/brand.ts'
import { queueLimits } from '../base/limits/limits.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { SeededRandom } from '../base/random.ts'
import { journalId, newMessageId } from '../events/ids.ts'
import type { SiteName } from '../protocol/mx.ts'
import type { SpoolAddress } from '../spool/message.ts'
import { queueOf } from '../spool/queue-name.ts'
import { type CampaignStanding, usualStanding } from './campaign-standing.ts'
import { ReadyQueue, type ReadyRecipient } from './ready-queue.ts'

const RECEIPT = 2
const BULK = 5
const random = new SeededRandom(1)

interface Kind {
  readonly tenant: string
  readonly campaign?: string
  readonly priority?: number
  /** Recipients of one message that may share a transaction. */
  readonly shared?: number
}

function mail({ campaign, priority = BULK, shared = 1, tenant }: Kind): ReadyRecipient[] {
  const id = newMessageId(instant(0), journalId(1), random)
  const recipients = Array.from({ length: shared }, (_, at) => `user${at}@example.net`)
  const message = {
    ...sampleMessage(id, instant(0), { recipients }),
    ...{ tenant, campaign: campaign ?? null, priority, mayShareTransaction: shared > 1 },
  }
  return recipients.map((_, index) => {
    const state = { attempts: 0, dueAt: instant(0), lastAttempt: null }
    const waiting = { message, address: {} as SpoolAddress, index, ...state }
    return { waiting, queue: queueOf(message, index), readySince: 0 }
  })
}

function site(standing?: CampaignStanding): ReadyQueue {
  return new ReadyQueue('default', 'mx.example.net' as SiteName, standing)
}

/** What each was given in `count` transactions, while each has always more; counted by what `nameOf` says. */
function serve(
  kinds: readonly Kind[],
  count: number,
  nameOf: (recipient: ReadyRecipient) => string,
  seen: (given: ReadonlyMap<string, number>) => void = () => {},
  standing?: CampaignStanding,
): Map<string, number> {
  const queue = site(standing)
  const given = new Map<string, number>()
  for (const kind of kinds) {
    const [first] = mail(kind)
    if (first) given.set(nameOf(first), 0)
  }
  for (let done = 0; done < count; done++) {
    for (const kind of kinds) {
      let isLow = true
      while (isLow) {
        const next = mail(kind)
        for (const one of next) queue.push(one)
        isLow = next.some((one) => queue.sizeOf(one.queue) <= 60)
      }
    }
    const batch = queue.pull()
    if (batch === null) break
    const name = nameOf(batch[0])
    given.set(name, (given.get(name) ?? 0) + batch.length)
    seen(given)
  }
  return given
}

const tenantOf = ({ waiting }: ReadyRecipient): string => waiting.message.tenant
const campaignOf = ({ waiting }: ReadyRecipient): string => waiting.message.campaign ?? ''

describe('The shares of a path', () => {
  it('are equal for tenants, however many campaigns each has', () => {
    const crowd = Array.from({ length: 30 }, (_, at) => ({ tenant: 'loud', campaign: `c${at}` }))
    const given = serve([...crowd, { tenant: 'quiet' }], 1_000, tenantOf)
    assert.deepEqual([...given.values()], [500, 500])
  })

  it('of a tenant are equal for its campaigns', () => {
    const kinds = ['a', 'b', 'c', 'd'].map((campaign) => ({ tenant: 'shop', campaign }))
    const given = serve(kinds, 1_000, campaignOf)
    assert.deepEqual([...given.values()], [250, 250, 250, 250])
  })

  it('of a tenant are by weight, also of transactions that are not alike, and another tenant has no less', () => {
    const standing: CampaignStanding = {
      ...usualStanding,
      weightOf: ({ campaign }) => (campaign === 'a' ? 3 : 1),
    }
    for (const shared of [1, 20]) {
      const kinds = [
        ...['a', 'b'].map((campaign) => ({ tenant: 'shop', campaign, shared })),
        { tenant: 'quiet' },
      ]
      const given = serve(kinds, 1_000, campaignOf, () => {}, standing)
      const [a = 0, b = 0, quiet = 0] = given.values()
      assert.ok(Math.abs(a - 3 * b) <= 4 * shared, `${a} of weight 3, ${b} of weight 1`)
      assert.ok(
        Math.abs(a + b - quiet) <= shared + 1,
        `${a + b} of one tenant, ${quiet} of another`,
      )
    }
  })

  it('of a campaign that was given another priority are those of that class', () => {
    const standing: CampaignStanding = {
      ...usualStanding,
      priorityOf: ({ campaign, priority }) => (campaign === 'urgent' ? RECEIPT : priority),
    }
    const kinds = ['urgent', 'other'].map((campaign) => ({ tenant: 'shop', campaign }))
    const given = serve(kinds, 160, campaignOf, () => {}, standing)
    assert.deepEqual(given.get('other'), 160 / queueLimits.lowerTurn)
  })

  it('at no moment differ by more than one transaction and one, whatever the transactions are', () => {
    const kinds = fc.uniqueArray(
      fc.record({
        tenant: fc.integer({ min: 0, max: 40 }).map((at) => `t${at}`),
        shared: fc.integer({ min: 1, max: 60 }),
      }),
      { selector: ({ tenant }) => tenant, minLength: 2, maxLength: 40 },
    )
    fc.assert(
      fc.property(kinds, (all) => {
        const largest = Math.max(...all.map(({ shared }) => shared))
        serve(all, 200, tenantOf, (given) => {
          const counts = [...given.values()]
          assert.ok(Math.max(...counts) - Math.min(...counts) <= largest + 1)
        })
      }),
      { numRuns: 40 },
    )
  })

  it('of a lower class are one transaction in sixteen, and of two lower ones in turn', () => {
    const kinds = [
      { tenant: 'a', priority: 0 },
      { tenant: 'b', priority: BULK },
      { tenant: 'c', priority: 9 },
    ]
    const given = serve(kinds, 1_600, tenantOf)
    assert.deepEqual(Object.fromEntries(given), { a: 1_500, b: 50, c: 50 })
  })
})

describe('A receipt that comes while a million messages of campaigns wait', () => {
  it('leaves within one transaction time of a free connection, whenever it comes', () => {
    const TRANSACTION = ms(400)
    for (const connections of [1, 3, 10]) {
      const clock = new ManualClock()
      const queue = site()
      let waiting = 1_000_000
      let longest = 0
      let handedIn: number | null = null
      let freeAt = Number.POSITIVE_INFINITY
      const fill = () => {
        for (; waiting > 0 && queue.size < queueLimits.windowHigh; waiting--)
          for (const one of mail({ tenant: `t${waiting % 50}`, campaign: 'news' })) queue.push(one)
      }
      const begin = () => {
        const now = clock.monotonic()
        if (handedIn !== null) freeAt = Math.min(freeAt, now)
        const batch = queue.pull()
        if (batch === null) return
        if (batch[0].waiting.message.priority === RECEIPT && handedIn !== null) {
          longest = Math.max(longest, now - freeAt)
          handedIn = null
          freeAt = Number.POSITIVE_INFINITY
        }
        fill()
        clock.after(TRANSACTION, begin)
      }
      fill()
      for (let at = 0; at < connections; at++)
        clock.after(ms((TRANSACTION * at) / connections), begin)
      const draws = new SeededRandom(connections)
      for (let receipts = 0; receipts < 200; receipts++) {
        clock.advance(ms(TRANSACTION * 2 * draws.fraction()))
        handedIn = clock.monotonic()
        for (const one of mail({ tenant: 'shop', priority: RECEIPT })) queue.push(one)
        for (let turns = 0; handedIn !== null && turns < 10; turns++) clock.advance(TRANSACTION)
        assert.equal(handedIn, null)
      }
      assert.ok(longest <= TRANSACTION, `${longest} ms of ${connections} connections`)
    }
  })
})
