// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ms, seconds } from '../../base/brand.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import type { SiteName } from '../../protocol/mx.ts'
import { reply } from '../../protocol/reply.ts'
import type { EgressSourceName } from '../../queue/egress.ts'
import { LessonBook } from '../../queue/shaping/lesson-book.ts'
import { type Flow, keyOf } from '../../queue/shaping/lessons.ts'
import { OwnLessons } from '../../queue/shaping/own-lessons.ts'
import type { QueueName } from '../../spool/queue-name.ts'
import type { ConnectFailure } from '../routing/connect-hosts.ts'
import { PathReplies } from './path-replies.ts'

const path = { source: 'out-1' as EgressSourceName, site: 'mx.example.net' as SiteName }
const queue = (tenant: string, campaign = '') =>
  `bulk${campaign && `.${campaign}`}:${tenant}@example.net` as QueueName
const complaint = { of: 'messageRate', whom: 'path' } as const

function rig() {
  const clock = new ManualClock()
  const taught: (number | null)[] = []
  const lessons = new OwnLessons(new LessonBook(1), clock, ({ after }) => void taught.push(after))
  const replies = new PathReplies(path, lessons, () => ({
    provider: null,
    settings: {},
    coldSince: null,
  }))
  const told = (sentAt: number) => {
    const situation = { now: ms(sentAt + 100), sentAt, words: '421 slow down', proven: null }
    return replies.complain(complaint, situation)
  }
  return { lessons, replies, taught, told }
}

describe('What a receiver says of how much it gets', () => {
  it('lowers the rate to half of what went, and says so once for all that was under way', () => {
    const { replies, taught, told } = rig()
    for (let at = 0; at < 60_000; at += 1_000) replies.carried(ms(at), at, true, queue('shop'))
    assert.equal(told(60_000), 'slower')
    assert.equal(told(60_001), 'known', 'sent before the complaint came')
    assert.equal(taught.length, 1)
    assert.ok((taught[0] ?? 0) > 20 && (taught[0] ?? 0) <= 35, String(taught))
  })

  it('is too much for the path where nothing was delivered in between', () => {
    const { replies, told } = rig()
    assert.equal(told(0), 'slower')
    assert.equal(told(1_000), 'enough')
    replies.carried(ms(2_000), 2_000, true, queue('shop'))
    assert.equal(told(3_000), 'slower')
  })

  it('is not for the path where it is about one tenant', () => {
    const { lessons, replies, taught } = rig()
    const situation = { now: ms(1), sentAt: 0, words: '421', proven: null }
    assert.equal(replies.complain({ ...complaint, whom: 'tenant' }, situation), 'known')
    assert.deepEqual([taught, lessons.of(replies.key)], [[], null])
  })

  it('slows one tenant, or one campaign, down to half of its part in what goes', () => {
    const { lessons, replies } = rig()
    // 120 a minute; of four one is the shop's, and of these every other one its spring campaign's.
    for (let at = 0; at < 240; at++) {
      const whose = at % 4 > 0 ? queue('bank') : queue('shop', at % 8 === 0 ? 'spring' : '')
      replies.carried(ms(at * 500), at * 500, true, whose)
    }
    const shop = { tenant: 'shop', at: 'google' }
    const heard = (whom: Flow) => {
      replies.complainOf(whom, { now: ms(120_001), sentAt: 120_000, words: '421 your domain' })
      return lessons.of(keyOf(whom))?.messageRate?.value ?? assert.fail('nothing is learned')
    }
    assert.ok(Math.abs(heard({ kind: 'tenant', ...shop }) - 15) < 5)
    assert.ok(Math.abs(heard({ kind: 'campaign', ...shop, campaign: 'spring' }) - 7.5) < 4)
    assert.ok(heard({ kind: 'tenant', tenant: 'new', at: 'google' }) < 5, 'at most the one')
  })

  it('is of a message a minute where nothing else went of late', () => {
    const { lessons, replies } = rig()
    const whom = { kind: 'tenant', tenant: 'shop', at: 'google' } as const
    replies.complainOf(whom, { now: ms(100), sentAt: 0, words: '421 your domain' })
    assert.equal(lessons.of(keyOf(whom))?.messageRate?.value, 1)
    for (let at = 0; at < 60; at++) replies.carried(ms(at * 100), at * 100, true, queue('bank'))
    const late = 60 * 60_000
    const other = { ...whom, tenant: 'bank' }
    replies.complainOf(other, { now: ms(late + 100), sentAt: late, words: '421 your domain' })
    assert.equal(lessons.of(keyOf(other))?.messageRate?.value, 1)
  })

  it('is heard at the greeting beside connections that work, and means these', () => {
    const { replies, taught } = rig()
    const full = (text: string) =>
      ({ stage: 'greeting', reply: reply(421, '4.3.2', text), facts: null }) as ConnectFailure
    assert.equal(replies.atGreeting(full('full'), 0, ms(1), ms(0)), null)
    assert.equal(replies.atGreeting(full('full'), 4, ms(1), ms(0)), 'slower')
    assert.deepEqual(taught, [4])
    const other = { ...full('full'), stage: 'connect' } as ConnectFailure
    assert.equal(replies.atGreeting(other, 4, ms(seconds(9)), ms(seconds(8))), null)
  })
})
