// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  clock,
  findingOf,
  MemoryEvents,
  MemoryReports,
  newId,
} from '../../test/support/feedback-samples.ts'
import { FeedbackJournal } from './feedback-journal.ts'
import { countBounce, type ReportedBounce } from './reported-bounces.ts'

function make() {
  const events = new MemoryEvents()
  const counted: ReportedBounce[] = []
  const journal = new FeedbackJournal({
    onBounce: (bounce) => counted.push(bounce),
    events,
    memory: new MemoryReports(),
    clock,
    node: 'relay.example',
  })
  return { counted, events, journal }
}

describe('Findings', () => {
  it('are an event each, once, however often and at how many doors at once they come', async () => {
    const { events, journal } = make()
    const messageId = events.add('jane@example.net')
    const finding = findingOf({ messageId })
    await Promise.all([journal.record([finding, finding]), journal.record([finding])])
    await journal.record([finding])
    await journal.record([findingOf({ messageId, what: 'complained', kind: 'complaint' })])
    assert.deepEqual(
      events.kept.map(({ type }) => type),
      ['message.bounced', 'message.complained'],
    )
  })

  it('that were guessed are noted, whatever they say, and keep nothing from what is proven', async () => {
    const { counted, events, journal } = make()
    const messageId = events.add('jane@example.net')
    await journal.record([findingOf({ messageId, certainty: 'possible', fate: 'guessed' })])
    assert.deepEqual(
      events.kept.map((event) => [event.type, 'certainty' in event && event.certainty]),
      [['report.received', 'possible']],
    )
    assert.equal(counted.length, 0)
    await journal.record([findingOf({ messageId })])
    assert.equal(events.kept[1]?.type, 'message.bounced')
  })

  it('count once among bounces, where they are proven, for the credential of their message', async () => {
    const { counted, events, journal } = make()
    const said = { address: null, code: 550, status: '5.1.1', text: 'User unknown' }
    const finding = findingOf({ messageId: events.add('jane@example.net'), concerned: [said] })
    await Promise.all([journal.record([finding, finding]), journal.record([finding])])
    const guessed = { messageId: events.add('jo@example.net'), certainty: 'likely' } as const
    await journal.record([findingOf({ ...guessed, concerned: [said] })])
    const told: unknown[] = []
    for (const bounce of counted)
      countBounce(
        {
          brakes: { reported: (...of) => told.push(of) },
          credentials: { reported: (...of) => told.push(of) },
        },
        { ...bounce, message: { ...bounce.message, credential: 'ABCDEFGHJK' } },
      )
    assert.deepEqual(told, [
      ['no-such-mailbox', 'jane@example.net'],
      ['shop', 'ABCDEFGHJK', clock.now()],
    ])
  })

  it('that could not be made durable are not repeated where they were written all the same', async () => {
    const { events, journal } = make()
    const finding = findingOf({ messageId: events.add('jane@example.net') })
    events.fails = true
    await assert.rejects(journal.record([finding]))
    await journal.record([finding])
    assert.equal(events.kept.length, 1)
  })

  it('that were claimed before a crash and never written are written', async () => {
    const { events, journal } = make()
    const finding = findingOf({ messageId: events.add('jane@example.net') })
    events.fails = true
    await assert.rejects(journal.record([finding]))
    events.kept.length = 0
    await journal.record([finding])
    assert.equal(events.kept.length, 1)
  })

  it('are about the recipient of the token, whomever the report names behind it', async () => {
    const { events, journal } = make()
    const messageId = events.add('ann@example.net', 'bo@example.net')
    const said = { address: 'else@example.org', code: 550, status: '5.1.1', text: 'gone' }
    await journal.record([findingOf({ messageId, recipientIndex: 1, concerned: [said] })])
    const [event] = events.kept
    assert.ok(event?.type === 'message.bounced')
    assert.deepEqual([event.recipient, event.diagnosis.text], ['bo@example.net', 'gone'])
  })

  it('without an index are about those whom the report names, in any letters', async () => {
    const { events, journal } = make()
    const messageId = events.add('ann@example.net', 'bo@example.net', 'cy@example.net')
    const concerned = ['CY@Example.Net', 'ann@example.net', 'x@example.net'].map((address) => ({
      address,
      code: null,
      status: null,
      text: '',
    }))
    await journal.record([findingOf({ messageId, recipientIndex: null, concerned })])
    assert.deepEqual(
      events.kept.map((event) => event.recipient),
      ['ann@example.net', 'cy@example.net'],
    )
  })

  it('of no message, of one that is gone, or of nobody in it, are noted', async () => {
    const { events, journal } = make()
    const messageId = events.add('ann@example.net', 'bo@example.net')
    await journal.record([findingOf({ messageId: null, certainty: null })])
    const forgotten = findingOf({ messageId: newId(), addressHash: 'abcd', tenant: 'shop' })
    await Promise.all([journal.record([forgotten]), journal.record([forgotten])])
    await journal.record([forgotten])
    await journal.record([findingOf({ messageId, recipientIndex: null })])
    await journal.record([findingOf({ messageId, recipientIndex: 7 })])
    assert.deepEqual(
      events.kept.map((event) => event.type === 'report.received' && event.fate),
      ['unmatched', 'gone', 'unmatched', 'unmatched'],
    )
    const gone = events.kept[1]
    assert.ok(gone?.type === 'report.received')
    assert.deepEqual([gone.addressHash, gone.tenant], ['abcd', 'shop'])
  })
})
