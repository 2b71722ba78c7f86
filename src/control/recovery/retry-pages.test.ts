// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Event } from '../../events/event.ts'
import type { EventFilter } from '../search/event-search.ts'
import type { FailedRecipient } from './retried-mail.ts'
import { noRetries, type RetryCounts } from './retry-counts.ts'
import { type FailedChoice, retryPage } from './retry-pages.ts'

const choice: FailedChoice = {
  ...{ cause: 'listed-source', tenant: 'shop', stream: null, domain: null, since: 0, until: 9 },
}
const wish = { isTrial: false, by: 'local' }

function bounced(messageId: string, recipient: string, more: object = {}): Event {
  const meaning = { class: 'listed-source', fault: 'path', rule: '' }
  const event = { type: 'message.bounced', by: 'peer', at: '2027-01-01T00:00:00.000Z', meaning }
  return { ...event, messageId, recipientIndex: 0, recipient, ...more } as unknown as Event
}

/** One page of these, and whom the desk was asked for. */
async function pageOf(
  events: readonly Event[],
  change: Partial<FailedChoice>,
  answer: RetryCounts,
) {
  const asked: FailedRecipient[] = []
  const filters: EventFilter[] = []
  const search = {
    find: async (filter: EventFilter) => {
      filters.push(filter)
      return { events, next: 'more' }
    },
  }
  const desk = {
    retryFailed: async (failed: readonly FailedRecipient[]) => {
      asked.push(...failed)
      return answer
    },
  }
  const page = await retryPage(search, desk, { ...choice, ...change }, wish, null)
  return { page, asked: asked.map(({ messageId }) => messageId), filter: filters[0] }
}

describe('A page of mail that failed', () => {
  it('is sent again by those who have it: of the cause, each once, of its time and tenant', async () => {
    const events = [
      bounced('a', 'ann@example.net'),
      bounced('a', 'ann@example.net'),
      bounced('b', 'bob@example.org'),
      bounced('c', 'cat@example.net', { meaning: { class: 'spam', fault: 'message', rule: '' } }),
      bounced('d', 'dan@example.net', { sandbox: true }),
    ]
    const { asked, filter, page } = await pageOf(events, {}, { ...noRetries, sent: 2 })
    assert.deepEqual(asked, ['a', 'b'])
    assert.deepEqual([filter?.tenant, filter?.since, filter?.until], ['shop', 0, 9])
    assert.deepEqual(page, { counts: { ...noRetries, sent: 2 }, unanswered: 0, next: 'more' })
    const narrow = await pageOf(events, { domain: 'example.org' }, { ...noRetries, sent: 1 })
    assert.deepEqual(narrow.asked, ['b'])
  })

  it('counts as gone what a receiver had taken, and as unanswered what no worker knows', async () => {
    const events = [
      bounced('a', 'ann@example.net'),
      bounced('b', 'bob@example.net'),
      bounced('c', 'cat@example.net', { by: 'report' }),
    ]
    const { asked, page } = await pageOf(events, {}, { ...noRetries, already: 1 })
    assert.deepEqual(asked, ['a', 'b'])
    assert.deepEqual(page.counts, { ...noRetries, already: 1, gone: 1 })
    assert.equal(page.unanswered, 1)
  })
})
