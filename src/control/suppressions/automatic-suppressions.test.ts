// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { minutes, seconds } from '../../base/brand.ts'
import { silentLog } from '../../base/log.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import type { Event } from '../../events/event.ts'
import { journalId, lsn } from '../../events/ids.ts'
import { reply } from '../../protocol/reply.ts'
import type { RecordsContext } from '../../records/records-context.ts'
import type {
  Happening,
  SuppressionService,
} from '../../records/suppressions/automatic-suppression.ts'
import type { EventFeed, FeedStart } from '../../spool/event-feed.ts'
import { followReasons, reasonIn } from './automatic-suppressions.ts'

function bounced(code: number, enhanced: string | null, text: string, by = 'peer'): Event {
  return {
    type: 'message.bounced',
    id: '1.7',
    at: '1970-01-01T00:00:00.000Z',
    site: 'mx.example.net',
    tenant: 'shop',
    stream: 'news',
    recipient: 'gone@example.net',
    recipientIndex: 0,
    mx: 'mx.example.net[192.0.2.1]:25',
    by,
    reply: reply(code, enhanced ?? '', text),
  } as unknown as Event
}

describe('A bounce', () => {
  for (const [code, enhanced, text] of [
    [550, '5.1.1', 'No such user here'],
    [550, null, 'Recipient address rejected: User unknown in virtual mailbox table'],
    [554, '5.2.1', 'The mailbox is disabled'],
  ] as const)
    it(`suppresses where the receiver says: ${text}`, () => {
      assert.equal(reasonIn(bounced(code, enhanced, text)), 'bounce')
    })

  for (const [code, enhanced, text] of [
    [552, '5.2.2', 'Mailbox full'],
    [550, '5.7.1', 'Message rejected as spam'],
    [554, '5.7.1', 'Your IP is listed at example.org'],
    [550, '5.7.26', 'Unauthenticated email is not accepted'],
    [550, null, 'Requested action not taken'],
  ] as const)
    it(`says nothing about the address where the receiver says: ${text}`, () => {
      assert.equal(reasonIn(bounced(code, enhanced, text)), null)
    })

  it('suppresses only in the words of a receiver', () => {
    for (const by of ['routing', 'person'])
      assert.equal(reasonIn(bounced(550, '5.1.1', 'No such user', by)), null)
  })
})

describe('An event of the sandbox', () => {
  it('suppresses nobody, whatever it says', () => {
    const sandboxed = { ...bounced(550, '5.1.1', 'No such user here'), sandbox: true } as Event
    assert.equal(reasonIn(sandboxed), null)
  })
})

describe('A report', () => {
  const report = (fields: object) => ({ ...fields, recipient: 'gone@example.net' }) as Event
  const diagnosis = { code: 550, enhanced: '5.1.1', text: 'No such user' }

  it('of a bounce suppresses where nobody can have made it up', () => {
    const bounce = { type: 'message.bounced', by: 'report', diagnosis }
    assert.equal(reasonIn(report({ ...bounce, certainty: 'proven' })), 'bounce')
    assert.equal(reasonIn(report({ ...bounce, certainty: 'likely' })), null)
    const full = { ...diagnosis, enhanced: '5.2.2', text: 'Mailbox full' }
    assert.equal(reasonIn(report({ ...bounce, certainty: 'proven', diagnosis: full })), null)
  })

  it('of a complaint or an unsubscribe suppresses; one that praises does not', () => {
    const complaint = (feedbackType: string, certainty = 'proven') =>
      reasonIn(report({ type: 'message.complained', feedbackType, certainty }))
    assert.equal(complaint('abuse'), 'complaint')
    assert.equal(complaint('not-spam'), null)
    const wish = (certainty: string) =>
      reasonIn(report({ type: 'message.unsubscribed', by: 'mail', certainty }))
    assert.equal(wish('proven'), 'unsubscribe')
    assert.deepEqual([complaint('abuse', 'likely'), wish('likely')], [null, null])
  })
})

describe('A report about a message that is long gone', () => {
  const gone = (fields: object) =>
    ({
      type: 'report.received',
      fate: 'gone',
      kind: 'complaint',
      feedbackType: 'abuse',
      tenant: 'shop',
      addressHash: '0011223344556677',
      ...fields,
    }) as unknown as Event

  it('suppresses by the hash in its token, where it is a complaint or an unsubscribe', () => {
    assert.equal(reasonIn(gone({})), 'complaint')
    assert.equal(reasonIn(gone({ kind: 'unsubscribe', feedbackType: null })), 'unsubscribe')
    assert.equal(reasonIn(gone({ kind: 'bounce', feedbackType: null })), null)
    assert.equal(reasonIn(gone({ feedbackType: 'not-spam' })), null)
    assert.equal(reasonIn(gone({ fate: 'expired' })), null)
    assert.equal(reasonIn(gone({ fate: 'forged' })), null)
    assert.equal(reasonIn(gone({ tenant: null })), null)
    assert.equal(reasonIn(gone({ addressHash: null })), null)
  })
})

describe('The view that suppresses', () => {
  it('goes on where it was, and loses nothing where the store is away for a while', async () => {
    const clock = new ManualClock()
    const stop = new AbortController()
    const starts: FeedStart[] = []
    const happenings: Happening[] = []
    const told: number[] = []
    const kept = new Map([['suppressions-of-bounces', '1:1.6']])
    let failures = 1
    const feed = {
      async *read(start: FeedStart, _signal: AbortSignal, view: string) {
        if (view === 'suppressions') return
        starts.push(start)
        yield {
          events: [{ event: bounced(550, '5.1.1', 'No such user') }],
          cursor: new Map([[journalId(1), lsn(7)]]),
        }
        stop.abort()
      },
    } as unknown as EventFeed
    const store = {
      views: {
        cursor: async (view: string) => kept.get(view) ?? null,
        put: async (view: string, cursor: string) => void kept.set(view, cursor),
      },
    }
    const suppressions = {
      suppress: async (happening: Happening) => {
        if (failures-- > 0) throw new Error('away')
        happenings.push(happening)
        return true
      },
    } as unknown as SuppressionService
    const records = { store, clock } as unknown as RecordsContext
    const following = followReasons(
      {
        ...{ feed, records, suppressions, log: silentLog },
        tell: async () => void told.push(happenings.length),
        directory: () => ({ brakes: [], stream: () => null }),
        search: { find: async () => ({ events: [], next: null }) },
        suppressAfter: () => minutes(10),
      },
      stop.signal,
    )
    while (!stop.signal.aborted) await clock.advance(seconds(5))
    await following
    assert.deepEqual(starts, [new Map([[journalId(1), lsn(6)]]), new Map([[journalId(1), lsn(6)]])])
    assert.deepEqual(happenings, [
      {
        tenant: 'shop',
        stream: 'news',
        recipient: 'gone@example.net',
        reason: 'bounce',
        sourceEvent: '1.7',
        list: null,
      },
    ])
    assert.equal(kept.get('suppressions-of-bounces'), '1:1.7')
    assert.deepEqual(told, [1], 'who checks recipients is told, after the store knows')
  })
})
