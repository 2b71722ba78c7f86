// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { days, type Instant, plus, seconds } from '../../base/brand.ts'
import { rateLimits } from '../../base/limits/rate-limits.ts'
import { silentLog } from '../../base/log.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { SeededRandom } from '../../base/random.ts'
import type { Event } from '../../events/event.ts'
import { journalId, lsn, type MessageId, newMessageId } from '../../events/ids.ts'
import type { RateRow, RateSubject } from '../../records/rate.ts'
import type { RecordsContext } from '../../records/records-context.ts'
import type { EventFeed } from '../../spool/event-feed.ts'
import { followRates } from './rate-view.ts'
import { wayFinder } from './way-of-mail.ts'

const random = new SeededRandom(3)
const clock = new ManualClock()
const today = Math.floor(clock.now() / rateLimits.dayMs)

function idOf(at: Instant = clock.now()): MessageId {
  return newMessageId(at, journalId(1), random)
}

function event(type: string, messageId: MessageId, more: object = {}): Event {
  const common = { tenant: 'shop', stream: 'news', campaign: 'spring', recipientIndex: 0 }
  return { type, messageId, recipient: 'ann@example.net', ...common, ...more } as unknown as Event
}

const signedBy = ['p1._domainkey.shop.example']
const delivered = (id: MessageId) =>
  event('message.delivered', id, { mx: 'mx1.google.com[192.0.2.1]:25', source: 'blue' })

/** What is written of these, and of whom it got worse. `kept` is what the journal still has. */
async function counted(events: readonly Event[], kept: readonly Event[] = []) {
  const rows: RateRow[] = []
  const worse: RateSubject[] = []
  const cursors: string[] = []
  const stop = new AbortController()
  const feed = {
    async *read() {
      yield {
        events: events.map((each) => ({ event: each })),
        cursor: new Map([[journalId(1), lsn(9)]]),
      }
      await setImmediate()
      clock.advance(seconds(2))
      await setImmediate()
      stop.abort()
    },
  } as unknown as EventFeed
  const views = {
    cursor: async () => null,
    put: async (_: string, text: string) => void cursors.push(text),
  }
  const within = {
    views,
    rates: { add: async (all: readonly RateRow[]) => void rows.push(...all) },
  }
  const store = { views, transaction: (work: (store: unknown) => unknown) => work(within) }
  await followRates(
    {
      feed,
      records: { store, clock } as unknown as RecordsContext,
      wayOf: wayFinder(
        {
          find: async ({ message, types }) => {
            const found = kept.filter(
              (each) =>
                'messageId' in each && each.messageId === message && types.includes(each.type),
            )
            return { events: found, next: null }
          },
        },
        { trace: async () => assert.fail('the search view has it') },
      ),
      providerOf: (mx) => (mx.includes('.google.com[') ? 'google' : null),
      onWorse: async (subjects) => void worse.push(...subjects),
      log: silentLog,
    },
    stop.signal,
  )
  assert.ok(cursors.includes('1:1.9'))
  const texts = rows
    .map(({ day, dimension, name, delivered, bounced, reported, complained }) =>
      [day - today, dimension, name, delivered, bounced, reported, complained].join(' '),
    )
    .sort()
  return { texts, worse: [...new Set(worse.map(({ dimension }) => dimension))].sort() }
}

describe('The view that counts rates', () => {
  it('counts a delivery by stream, campaign, source, provider and signing domain', async () => {
    const id = idOf()
    const { texts, worse } = await counted([
      event('message.received', id, { signedBy }),
      delivered(id),
    ])
    assert.deepEqual(texts, [
      '0 campaign spring 1 0 0 0',
      '0 domain shop.example 1 0 0 0',
      '0 provider google 1 0 0 0',
      '0 source blue 1 0 0 0',
      '0 stream news 1 0 0 0',
    ])
    assert.deepEqual(worse, [])
  })

  it('counts a complaint on the day of its message, by the way that it went', async () => {
    const id = idOf(plus(clock.now(), days(-3)))
    const kept = [event('message.received', id, { signedBy }), delivered(id)]
    const complaint = event('message.complained', id, {
      feedbackType: 'abuse',
      certainty: 'proven',
    })
    const { texts, worse } = await counted([complaint], kept)
    assert.deepEqual(texts, [
      '-3 campaign spring 0 0 0 1',
      '-3 domain shop.example 0 0 0 1',
      '-3 provider google 0 0 0 1',
      '-3 source blue 0 0 0 1',
      '-3 stream news 0 0 0 1',
    ])
    assert.deepEqual(worse, ['campaign', 'domain', 'provider', 'source', 'stream'])
  })

  it('counts what it still knows of a message that is gone', async () => {
    const id = idOf()
    const { texts } = await counted([
      event('message.complained', id, { feedbackType: 'abuse', certainty: 'proven' }),
    ])
    assert.deepEqual(texts, ['0 campaign spring 0 0 0 1', '0 stream news 0 0 0 1'])
  })

  it('tells bounces at once from those that are reported later', async () => {
    const id = idOf()
    const kept = [event('message.received', id, { signedBy: [] }), delivered(id)]
    const at = { mx: 'mx.small.example[192.0.2.1]:25', source: 'blue', by: 'peer' }
    const { texts } = await counted(
      [
        ...kept,
        event('message.bounced', idOf(), at),
        event('message.bounced', id, { by: 'report' }),
      ],
      kept,
    )
    assert.deepEqual(texts, [
      '0 campaign spring 1 1 1 0',
      '0 provider (other) 0 1 0 0',
      '0 provider google 1 0 1 0',
      '0 source blue 1 1 1 0',
      '0 stream news 1 1 1 0',
    ])
  })

  it('counts neither the sandbox, nor praise, nor what a person gave up', async () => {
    const { texts } = await counted([
      event('message.delivered', idOf(), { mx: null, source: '', sandbox: true }),
      event('message.complained', idOf(), { feedbackType: 'not-spam', certainty: 'proven' }),
      event('message.bounced', idOf(), { by: 'person', mx: null, source: '' }),
    ])
    assert.deepEqual(texts, [])
  })

  it('tells only so many campaigns of a tenant apart', async () => {
    const events = Array.from({ length: rateLimits.campaigns + 50 }, (_, at) =>
      event('message.delivered', idOf(), { campaign: `c${at}`, mx: null, source: '' }),
    )
    const { texts } = await counted(events)
    assert.equal(
      texts.filter((text) => text.includes(' campaign ')).length,
      rateLimits.campaigns + 1,
    )
    assert.ok(texts.includes('0 campaign (other) 50 0 0 0'))
  })
})
