// SPDX-License-Identifier: Apache-2.0
/** Tenants judged by events, over a simulated clock; and that a bad one is away before its neighbours pay for it. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { answer, gone, START, StandingRig } from '../../../test/support/standing-rig.ts'
import { ms, seconds } from '../../base/brand.ts'
import { standingLimits } from '../../base/limits/standing-limits.ts'
import type { Event } from '../../events/event.ts'
import { LessonBook } from '../../queue/shaping/lesson-book.ts'
import { keyOf } from '../../queue/shaping/lessons.ts'
import { installationScope } from '../../records/tenant-scope.ts'
import type { EventFeed } from '../../spool/event-feed.ts'

function batch(events: readonly Event[]) {
  return { cursor: new Map(), events: events.map((event) => ({ event })) }
}

/** What is read is heard; some seconds later, whom it is about is judged. */
async function turn(rig: StandingRig): Promise<void> {
  for (let at = 0; at < 20; at++) await new Promise(setImmediate)
  rig.clock.advance(ms(standingLimits.judgeEveryMs))
  for (let at = 0; at < 20; at++) await new Promise(setImmediate)
}

describe('Tenants in shared pools', () => {
  it('are judged a few seconds after what was answered, and sent by the quarantine pool', async () => {
    const rig = new StandingRig()
    await rig.hear('bank', 500)
    await rig.hear('shop', 150)
    await rig.hear('shop', 60, gone)
    assert.equal(rig.pools.of('bulk:shop@example.net', null), 'default')
    await rig.view.judge()
    assert.equal(rig.pools.of('bulk:shop@example.net', null), 'away')
    assert.equal(rig.pools.of('bulk:bank@example.net', null), 'default')
    assert.equal(rig.said.length, 1)
    assert.match(rig.said[0] ?? '', /29 % of 210 mails of the last 24 hours had no such recipient/)
  })

  it('are counted in the pool by which a rule sends their mail', async () => {
    const rig = new StandingRig()
    const rule = { tenants: [], streams: [], campaigns: [], domains: [], providers: [] }
    rig.rules = [
      { ...rule, pool: 'own', campaigns: ['spring*'] },
      { ...rule, pool: 'own', providers: ['google'] },
    ]
    await rig.hear('shop', 1, { campaign: 'spring-27' })
    await rig.hear('shop', 2, { mx: 'mx1.google.example[192.0.2.1]:25' })
    await rig.hear('shop', 4, { mx: 'mx1.example.net[192.0.2.1]:25' })
    await rig.view.judge()
    const counted = [...rig.hours.values()].map(({ delivered, pool }) => [pool, delivered])
    assert.deepEqual(counted, [
      ['own', 3],
      ['default', 4],
    ])
    const neighbours = rig.service.neighbours.places.filter(({ pool }) => pool === 'own')
    assert.equal(neighbours.length, 3)
  })

  it('are not judged alone in a pool, but counted', async () => {
    const rig = new StandingRig()
    await rig.hear('big', 300, gone)
    await rig.view.judge()
    assert.deepEqual(rig.said, [])
    const views = await rig.service.show(installationScope, 'big')
    assert.deepEqual(
      views.map(({ hours }) => hours[0]?.unknown),
      [300],
    )
  })

  it('are not judged by refusals that their neighbours get as well', async () => {
    const rig = new StandingRig()
    const refused = {
      ...{ type: 'message.bounced', by: 'peer', meaning: { class: 'policy' } },
      reply: { code: 550, enhanced: '5.7.1', text: 'Refused by local policy' },
    }
    for (const tenant of ['bank', 'shop']) {
      await rig.hear(tenant, 200)
      await rig.hear(tenant, 90, refused)
    }
    await rig.view.judge()
    assert.deepEqual(rig.said, [])
    await rig.hear('bank', 5_000)
    await rig.hear('shop', 1, refused)
    await rig.view.judge()
    assert.match(rig.said[0] ?? '', /^Tenant shop .* refused for what they are/)
  })

  it('are complained about at the hour in which the mail was taken', async () => {
    const rig = new StandingRig()
    rig.trace = [answer('shop', START - 3 * 3_600_000)]
    await rig.hear('shop', 1, {
      type: 'message.complained',
      feedbackType: 'abuse',
      certainty: 'proven',
    })
    await rig.view.judge()
    const [row] = rig.hours.values()
    assert.deepEqual([row?.complained, row?.hour], [1, START / 3_600_000 - 3])
  })

  it('are complained about at the hour that was heard of lately, and nobody is asked', async () => {
    const rig = new StandingRig()
    rig.trace = Promise.reject(new Error('nobody reads the journals'))
    rig.trace.catch(() => {})
    await rig.view.hear(answer('shop', START - 2 * 3_600_000))
    await rig.hear('shop', 1, {
      type: 'message.complained',
      feedbackType: 'abuse',
      certainty: 'proven',
    })
    await rig.view.judge()
    const [row] = rig.hours.values()
    assert.deepEqual([row?.delivered, row?.complained, row?.hour], [1, 1, START / 3_600_000 - 2])
  })

  it('lose nothing that was counted while the store was away', async () => {
    const rig = new StandingRig()
    rig.isAway = true
    await rig.hear('shop', 3)
    await assert.rejects(rig.view.judge())
    await rig.hear('shop', 2)
    rig.isAway = false
    await rig.view.judge()
    assert.deepEqual(
      [...rig.hours.values()].map(({ delivered }) => delivered),
      [5],
    )
  })

  it('are counted with all that was read together, or with nothing of it', async () => {
    const rig = new StandingRig()
    const found = Promise.withResolvers<readonly Event[]>()
    rig.trace = found.promise
    const messageId = '06EAXQ4Z5M3T8000000000001'
    const complaint = {
      type: 'message.complained',
      feedbackType: 'abuse',
      certainty: 'proven',
      messageId,
    }
    const read = async function* () {
      yield batch([answer('shop', rig.now), answer('shop', rig.now, complaint)])
      await new Promise(() => {})
    }
    const end = new AbortController()
    void rig.restarted({ read } as unknown as EventFeed).follow(end.signal)
    await turn(rig)
    assert.equal(rig.hours.size, 0)
    found.resolve([answer('shop', rig.now)])
    await turn(rig)
    assert.deepEqual(
      [...rig.hours.values()].map(({ complained, delivered }) => [delivered, complained]),
      [[1, 1]],
    )
    end.abort()
  })

  for (const [since, said] of [
    [6_000, 0],
    [1, 1],
  ] as const)
    it(`are not judged by a part of what is long past: ${since} good mails come after it`, async () => {
      const rig = new StandingRig()
      const more = Promise.withResolvers<void>()
      const old = rig.now - 6 * 3_600_000
      const read = async function* () {
        yield batch(Array.from({ length: 250 }, () => answer('shop', old, gone)))
        await more.promise
        yield batch(Array.from({ length: since }, () => answer('shop', rig.now)))
        await new Promise(() => {})
      }
      const view = rig.restarted({ read } as unknown as EventFeed)
      const end = new AbortController()
      void view.follow(end.signal)
      await turn(rig)
      assert.equal(rig.hours.size, 1, 'it is counted')
      assert.deepEqual(rig.said, [])
      more.resolve()
      await turn(rig)
      assert.equal(rig.said.length, said)
      end.abort()
    })

  it('are held, released and pinned by a person, over a restart', async () => {
    const rig = new StandingRig()
    await rig.service.pin('shop', null, 'held', 'ann', 'asked by the bank')
    rig.view = rig.restarted()
    await rig.hear('shop', 500)
    await rig.view.judge()
    assert.match(rig.pools.holds()?.('bulk:shop@example.net') ?? '', /^held for how/)
    assert.equal(rig.pools.holds()?.('bulk:bank@example.net'), null)
    assert.equal(rig.pools.holds()?.('bulk:shop@simulator.invalid'), null)
    await rig.service.release('shop', null, 'ann')
    assert.equal(rig.pools.holds(), null)
    await assert.rejects(rig.service.release('shop', null, 'ann'), { code: 'RLY_RECORD_INVALID' })
    await assert.rejects(rig.service.pin('big', null, 'quarantined', 'ann', ''), {
      message: /pool "own" has no quarantine pool/,
    })
    await assert.rejects(rig.service.pin('shop', 'defualt', 'good', 'ann', ''), {
      message: /did you mean "default"\?/,
    })
  })

  /** A receiver that slows a source down which it got 300 bad recipients from. */
  async function campaign(rig: StandingRig): Promise<LessonBook> {
    const book = new LessonBook(1)
    const bad = new Map<string, number>()
    for (let second = 0; second < 300; second++) {
      for (let at = 0; at < 10; at++) {
        await rig.hear('bank', 1)
        const source = rig.pools.of('bulk:shop@example.net', null)
        const isBad = at % 3 === 0
        await rig.hear('shop', 1, isBad ? gone : {})
        const count = (bad.get(source) ?? 0) + Number(isBad)
        bad.set(source, count)
        if (count < 300) continue
        bad.set(source, 0)
        const heard = { limit: 600, observed: 1_200, proven: null }
        const whom = { kind: 'path', source, site: 'mx.example.net' } as const
        book.hear(
          { kind: 'complaint', whom, aspect: 'messageRate', heard, words: '421 4.7.28' },
          rig.now,
        )
      }
      rig.clock.advance(seconds(1))
      if (second % 5 === 4) await rig.view.judge()
    }
    rig.clock.advance(ms(0))
    return book
  }
  const shared = keyOf({ kind: 'path', source: 'default', site: 'mx.example.net' })
  const away = keyOf({ kind: 'path', source: 'away', site: 'mx.example.net' })

  it('that are bad are away before the path that they share is slowed down', async () => {
    const rig = new StandingRig()
    const book = await campaign(rig)
    assert.equal(book.of(shared), null)
    assert.notEqual(book.of(away), null)
    assert.equal(rig.said.length, 1)
  })

  it('would have cost their neighbours, were they not judged', async () => {
    const rig = new StandingRig()
    rig.leastMail = Number.POSITIVE_INFINITY
    const book = await campaign(rig)
    assert.notEqual(book.of(shared), null)
  })
})
