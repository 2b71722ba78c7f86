// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { instant } from '../../base/brand.ts'
import { feedbackLimits } from '../../base/limits/feedback-limits.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import type { Event } from '../../events/event.ts'
import type { ReportedMail } from '../../feedback/reported-mail.ts'
import { eventMatcher } from './event-match.ts'
import type { EventFilter, EventSearch, SearchPage } from './event-search.ts'
import { SearchedMail } from './sent-mail.ts'

const NOW = Date.UTC(2026, 0, 20)
const DAY = 86_400_000
const about: ReportedMail = {
  ...{ kind: 'bounce', recipient: 'jane@example.net' },
  ...{ fromDomain: null, headerMessageId: null, date: null },
}

function mail(messageId: string, ago: number, more: object = {}): Event[] {
  const common = { messageId, tenant: 'shop', at: new Date(NOW - ago).toISOString() }
  const received = {
    ...common,
    type: 'message.received',
    recipients: ['ann@example.net', 'jane@example.net'],
    headerFrom: 'news@shop.example',
    headerMessageId: null,
  }
  const delivered = {
    ...common,
    type: 'message.delivered',
    recipient: 'Jane@example.net',
    recipientIndex: 1,
    ...more,
  }
  return [received, delivered] as unknown as Event[]
}

describe('What was sent to somebody lately', () => {
  let events: Event[]
  let behind: number
  let asked: number
  let index: SearchedMail

  beforeEach(() => {
    events = []
    behind = asked = 0
    const search = {
      find: async (filter: EventFilter, { limit }: SearchPage) => {
        asked++
        const found = events.filter(eventMatcher(filter))
        return { events: found.slice(0, limit), next: found.length > limit ? 'more' : null }
      },
      reader: () => ({ name: 'search', behind }),
    } satisfies EventSearch
    index = new SearchedMail(search, new ManualClock(instant(NOW)))
  })

  const found = async () => (await index.find(about))?.messageId ?? null

  it('is found where it is one message, for the recipient that got it', async () => {
    events = [...mail('one', DAY), ...mail('other', DAY, { recipient: 'ann@example.net' })]
    assert.deepEqual(await index.find(about), { messageId: 'one', recipientIndex: 1 })
  })

  it('is nothing where there is none, two, or the same of two tenants', async () => {
    assert.equal(await found(), null)
    events = [...mail('one', DAY), ...mail('two', 2 * DAY)]
    assert.equal(await found(), null)
    const theirs = mail('two', DAY).map((event) => ({ ...event, tenant: 'other' }) as Event)
    events = [...mail('one', DAY), ...theirs]
    assert.equal(await found(), null)
  })

  it('is nothing that was sent too long ago, or to a simulated receiver', async () => {
    events = mail('one', 8 * DAY)
    assert.equal(await found(), null)
    events = mail('one', DAY, { sandbox: true })
    assert.equal(await found(), null)
  })

  it('is not known of whom too much is known, or of mail whose beginning is not', async () => {
    events = [...mail('one', DAY), ...Array.from({ length: 60 }, () => mail('one', DAY)).flat()]
    assert.equal(await found(), null)
    events = mail('one', DAY).slice(1)
    assert.equal(await found(), null)
  })

  it('is not known of a view that is far behind, which is not asked', async () => {
    events = mail('one', DAY)
    behind = feedbackLimits.guessesBehind + 1
    assert.equal(await found(), null)
    assert.equal(asked, 0)
  })

  it('is found once for each kind of report', async () => {
    const told = (more: object) =>
      ({
        ...{ type: 'report.received', at: new Date(NOW).toISOString(), tenant: 'shop' },
        ...{ messageId: 'one', recipient: 'jane@example.net', fate: 'guessed', ...more },
      }) as unknown as Event
    events = [
      ...mail('one', DAY),
      told({ kind: 'complaint' }),
      told({ kind: 'bounce', fate: 'noted' }),
    ]
    assert.equal(await found(), 'one')
    events.push(told({ kind: 'bounce' }))
    assert.equal(await found(), null)
  })
})
