// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { days, hours, instant, ms, plus } from '../../base/brand.ts'
import { brakeLimits } from '../../base/limits/brake-limits.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { SeededRandom } from '../../base/random.ts'
import type { BrakeRecord } from '../../records/brake.ts'
import { type BrakeHistory, Brakes, type EndPlace, type NewHold } from './brakes.ts'

const CAUSE = 'no-such-mailbox'

function make() {
  const clock = new ManualClock()
  const holds: NewHold[] = []
  const brakes = new Brakes(clock, (hold) => holds.push(hold))
  return { clock, holds, brakes }
}

/** The `at`th recipient of a list at so many domains. */
function place(at: number, domains: number): EndPlace {
  const domain = `d${at % domains}.example`
  return { site: domain, domain, recipient: `r${at}@${domain}` }
}

function recordOf({ cause, count, of, since, site, spread }: NewHold): BrakeRecord {
  const name = site === null ? cause : `${cause}@${site}`
  const undecided = { decidedAt: null, decidedBy: null, until: null }
  return { name, state: 'holding', since, count, ends: of, spread, usualShare: null, ...undecided }
}

/** How many of these end. */
function ended(brakes: Brakes, places: Iterable<EndPlace>, cause = CAUSE): number {
  let count = 0
  for (const each of places) if (brakes.ended(cause, each) === null) count++
  return count
}

function* list(recipients: number, domains: number, from = 0): Iterable<EndPlace> {
  for (let at = from; at < from + recipients; at++) yield place(at, domains)
}

describe('Brakes', () => {
  it('let at most 720 of a million recipients end whose resolver knows no domain, whatever the list', () => {
    for (const domains of [1, 7, 20, 1_000_000]) {
      const { brakes, clock, holds } = make()
      for (let at = 0; at < 200; at++) brakes.delivered(place(at, 10))
      let bounced = 0
      for (let at = 0; at < 1_000_000; at++) {
        if (at % 1_000 === 0) clock.advance(ms(100))
        if (brakes.ended('no-such-domain', place(at, domains)) === null) bounced++
      }
      assert.ok(bounced <= 8 * 90, `${bounced} of a list at ${domains} domains`)
      assert.ok(bounced >= brakeLimits.least && holds.length > 0)
      assert.ok(holds.length <= domains, `${holds.length} events`)
    }
  })

  it('hold whatever the order in which domains come, and what is taken in between', () => {
    const random = new SeededRandom(11)
    for (let round = 0; round < 20; round++) {
      const { brakes } = make()
      const domains = 1 + Math.floor(random.fraction() * 40)
      let bounced = 0
      for (let at = 0; at < 20_000; at++) {
        const each = place(at, 1 + Math.floor(random.fraction() * domains))
        // A tenth is taken still: from a cache, by routes of the operator.
        if (random.fraction() < 0.1) brakes.delivered(each)
        else if (brakes.ended('no-such-domain', each) === null) bounced++
      }
      assert.ok(bounced <= 8 * 90, `${bounced} at ${domains} domains`)
    }
  })

  it('let a list with dead addresses in it end as it must', () => {
    const { brakes, holds } = make()
    for (let at = 0; at < 20_000; at++) {
      if (at % 3 > 0) brakes.delivered(place(at, 500))
      else assert.equal(brakes.ended(CAUSE, place(at, 500)), null)
    }
    assert.deepEqual(holds, [])
  })

  it('know what is usual: a relay whose mail often ends so is not held for it', () => {
    const { brakes, holds } = make()
    const mixed = (part: number, many: number) => {
      for (let at = 0; at < many; at++)
        if (at % 100 < part) brakes.ended(CAUSE, place(at * 7, 500))
        else brakes.delivered(place(at * 7, 500))
    }
    mixed(20, 15_000)
    mixed(60, 2_000)
    assert.equal(holds.length, 0)
    mixed(95, 200)
    const usual = holds.at(0)?.usualShare ?? 0
    assert.ok(usual > 0.2 && usual < 0.3, `${usual}`)
  })

  it('hold at one site where a provider has gone wrong, and nowhere else', () => {
    const { brakes, holds } = make()
    const at = (recipient: number, site = 'mx.big.example') =>
      ({ site, domain: 'big.example', recipient: `r${recipient}@big.example` }) as const
    for (let count = 0; count < 300; count++) brakes.delivered(place(count, 100))
    for (let count = 0; count < 200; count++) brakes.ended(CAUSE, at(count))
    assert.deepEqual(
      holds.map(({ cause, site }) => [cause, site]),
      [[CAUSE, 'mx.big.example']],
    )
    assert.equal(brakes.ended(CAUSE, at(1)), `${CAUSE}@mx.big.example`)
    assert.equal(brakes.ended(CAUSE, at(1, 'mx.small.example')), null)
    assert.equal(brakes.ended('mailbox-disabled', at(1)), null)
  })

  it('let a mistyped domain end, and hold one that took mail before and is gone', () => {
    const { brakes, holds } = make()
    const typo = (at: number) =>
      ({ site: 'gmal.example', domain: 'gmal.example', recipient: `r${at}@gmal.example` }) as const
    for (let at = 0; at < 3_000; at++)
      if (at % 10 === 0) assert.equal(brakes.ended('no-such-domain', typo(at)), null)
      else brakes.delivered({ ...place(at, 50), site: `mx.d${at % 50}.example` })
    assert.deepEqual(holds, [])
    for (let at = 0; at < 2_000; at++)
      if (at % 10 === 0) brakes.ended('no-such-domain', place(at * 50 + 1, 50))
      else brakes.delivered({ ...place(at, 50), site: `mx.d${at % 50}.example` })
    assert.deepEqual(
      holds.map(({ site }) => site),
      ['d1.example'],
    )
  })

  it('do not take one dead address for a trouble, however often it is written to', () => {
    const { brakes, holds } = make()
    for (let count = 0; count < 1_000; count++) brakes.ended(CAUSE, place(1, 10))
    assert.deepEqual(holds, [])
  })

  it('forget what is older than a day', () => {
    const { brakes, clock, holds } = make()
    for (const each of list(300, 300)) {
      brakes.ended(CAUSE, each)
      clock.advance(hours(1))
    }
    assert.deepEqual(holds, [])
  })

  it('begin to watch anew once somebody has said that it was not true', () => {
    const { brakes, clock, holds } = make()
    assert.equal(ended(brakes, list(200, 100)), 50)
    const record = recordOf(holds[0] as NewHold)
    // Records that do not have it yet change nothing.
    brakes.adopt([])
    assert.equal(ended(brakes, list(10, 100)), 0)
    brakes.adopt([record])
    brakes.adopt([{ ...record, state: 'released', decidedAt: clock.now() }])
    assert.equal(ended(brakes, list(200, 100, 1_000)), 50)
    assert.equal(holds.length, 2)
  })

  it('let through what somebody has confirmed, for its time, and hold what another process holds', () => {
    const { brakes, clock, holds } = make()
    ended(brakes, list(200, 100))
    const record = recordOf(holds[0] as NewHold)
    const until = plus(clock.now(), days(1))
    brakes.adopt([{ ...record, state: 'confirmed', until }])
    assert.equal(ended(brakes, list(500, 100)), 500)
    clock.advance(days(1))
    assert.equal(ended(brakes, list(200, 100)), 50)
    const other = make()
    other.brakes.adopt([record])
    assert.equal(ended(other.brakes, list(10, 100)), 0)
    assert.deepEqual(other.holds, [])
    other.brakes.adopt([])
    assert.equal(ended(other.brakes, list(10, 100)), 10)
  })

  it('hold no more than they can remember', () => {
    const { brakes, holds } = make()
    const records = Array.from({ length: brakeLimits.brakes }, (_, at) => ({
      ...recordOf({
        cause: 'x',
        site: `s${at}`,
        count: 1,
        of: 1,
        spread: 1,
        usualShare: null,
        since: instant(1),
      }),
    }))
    brakes.adopt(records)
    assert.equal(ended(brakes, list(500, 100)), 500)
    assert.deepEqual(holds, [])
  })

  it('count what is reported later beside what its site took, and hold there what is most of it', () => {
    const at = (number: number) => ({ ...place(number, 1), site: 'mx.provider.example' })
    const usual = make()
    for (let number = 0; number < 5_000; number++) {
      usual.brakes.delivered(at(number))
      if (number % 20 === 0) usual.brakes.reported(CAUSE, at(number).recipient)
    }
    assert.deepEqual(usual.holds, [], 'a twentieth of what was taken')
    for (let number = 0; number < 200; number++) usual.brakes.reported(CAUSE, at(number).recipient)
    assert.deepEqual(
      usual.holds.map(({ site }) => site),
      ['mx.provider.example'],
    )
  })

  it('know over a restart what is usual, what ended of late, and who took mail', () => {
    const first = make()
    // A fifth of this list is always dead.
    for (let at = 0; at < 12_000; at++)
      if (at % 5 > 0) first.brakes.delivered(place(at, 30))
      else assert.equal(first.brakes.ended(CAUSE, place(at, 30)), null)
    const history = JSON.parse(JSON.stringify(first.brakes.history()))
    const atOnce = (brakes: Brakes) => ended(brakes, list(200, 30, 20_000))
    const next = make()
    next.clock.advance(hours(1))
    next.brakes.restore(history, [])
    const [still, anew] = [atOnce(next.brakes), atOnce(make().brakes)]
    assert.equal(still, atOnce(first.brakes), 'as if the process had gone on')
    assert.ok(
      still > anew,
      `${still} of a list that is usually dead, ${anew} where nothing is known`,
    )
    const numbersOf = ({ holds }: typeof next) => holds.map(({ since: _, ...numbers }) => numbers)
    assert.deepEqual(numbersOf(next), numbersOf(first))
  })

  it('do not let a list end bit by bit in processes that end', () => {
    let history: BrakeHistory | null = null
    let bounced = 0
    for (let start = 0; start < 20; start++) {
      const { brakes } = make()
      if (history !== null) brakes.restore(history, [])
      bounced += ended(brakes, list(40, 20, start * 40))
      history = JSON.parse(JSON.stringify(brakes.history())) as BrakeHistory
    }
    assert.ok(bounced <= 90, `${bounced} of 800`)
  })

  it('do not hold at once again what a person has decided about while no process ran', () => {
    const first = make()
    ended(first.brakes, list(200, 20))
    const [hold] = first.holds
    assert.ok(hold)
    const next = make()
    next.clock.advance(hours(1))
    const decided = { decidedAt: next.clock.now(), decidedBy: 'local', until: null }
    const released: BrakeRecord = { ...recordOf(hold), state: 'released', ...decided }
    next.brakes.restore(first.brakes.history(), [released])
    next.brakes.adopt([released])
    assert.equal(ended(next.brakes, list(40, 20, 1_000)), 40)
  })

  it('forget what is too old after a long time without a process', () => {
    const first = make()
    ended(first.brakes, list(49, 20))
    const next = make()
    next.clock.advance(days(2))
    next.brakes.restore(first.brakes.history(), [])
    assert.equal(ended(next.brakes, list(49, 20, 1_000)), 49)
  })
})
