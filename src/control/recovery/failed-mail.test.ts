// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Event } from '../../events/event.ts'
import type { BrakeRecord } from '../../records/brake.ts'
import type { EventFilter, SearchPage } from '../search/event-search.ts'
import { failedMail } from './failed-mail.ts'

const minute = (at: number) => new Date(Date.UTC(2027, 0, 1, 0, at)).toISOString()

function event(type: string, at: number, more: object): Event {
  const message = { tenant: 'shop', messageId: `m${at}`, recipientIndex: 0 }
  return { type, at: minute(at), ...message, ...more } as unknown as Event
}

const meant = (name: string) => ({ meaning: { class: name, fault: 'path', rule: '' } })

/** A search over these, in pages of two. */
function over(events: readonly Event[]) {
  return {
    find: async (
      { provider, since, tenant, types }: EventFilter,
      { after, limit, order }: SearchPage,
    ) => {
      const found = events.filter(
        (each) =>
          types.includes(each.type) &&
          Date.parse(each.at) >= (since ?? 0) &&
          (tenant === null || each.tenant === tenant) &&
          (provider === null || ('site' in each && each.site === provider)),
      )
      found.sort((one, other) => (one.at < other.at ? -1 : 1))
      if (order === 'newest') found.reverse()
      const from = Number(after ?? 0)
      const to = from + Math.min(2, limit)
      return { events: found.slice(from, to), next: to < found.length ? String(to) : null }
    },
  }
}

describe('Mail that failed', () => {
  it('is grouped by cause, and says where mail was taken again since', async () => {
    const events = [
      event('message.bounced', 1, { site: 'mx.a', by: 'peer', ...meant('listed-source') }),
      event('message.bounced', 2, { site: 'mx.a', by: 'peer', ...meant('listed-source') }),
      event('message.bounced', 3, { site: 'mx.b', by: 'peer', ...meant('listed-source') }),
      event('message.expired', 4, meant('mailbox-full')),
      event('message.expired', 5, {}),
      event('message.delivered', 2, { site: 'mx.b' }),
      event('message.delivered', 9, { site: 'mx.a' }),
      event('message.delivered', 10, { site: 'mx.a' }),
    ]
    const { groups, isWhole } = await failedMail(over(events), null, 0, [])
    assert.equal(isWhole, true)
    assert.deepEqual(groups[0], {
      cause: 'listed-source',
      recipients: 3,
      retried: 0,
      firstAt: minute(1),
      lastAt: minute(3),
      sites: [
        { site: 'mx.a', recipients: 2, worksSince: minute(9) },
        { site: 'mx.b', recipients: 1, worksSince: null },
      ],
      repairs: [],
    })
    assert.deepEqual(
      groups
        .slice(1)
        .map(({ cause, recipients }) => [cause, recipients])
        .sort(),
      [
        ['expired', 1],
        ['mailbox-full', 1],
      ],
    )
  })

  it('is that of one tenant, of its time, and no mail of the sandbox', async () => {
    const bounced = { site: 'mx.a', by: 'peer', ...meant('policy') }
    const events = [
      event('message.bounced', 1, bounced),
      event('message.bounced', 20, bounced),
      event('message.bounced', 21, { ...bounced, tenant: 'other' }),
      event('message.bounced', 22, { ...bounced, sandbox: true }),
    ]
    const { groups } = await failedMail(over(events), 'shop', Date.parse(minute(10)), [])
    assert.deepEqual(
      groups.map(({ cause, recipients }) => [cause, recipients]),
      [['policy', 1]],
    )
  })

  it('counts a recipient once, who bounced at once and by a report', async () => {
    const own = { messageId: 'm', ...meant('no-such-mailbox') }
    const events = [
      event('message.bounced', 1, { ...own, site: 'mx.a', by: 'peer' }),
      event('message.bounced', 2, { ...own, by: 'report' }),
    ]
    const { groups } = await failedMail(over(events), null, 0, [])
    assert.equal(groups[0]?.recipients, 1)
  })

  it('says who was sent it again, and what was mended since the last of them failed', async () => {
    const ours = { site: 'mx.a', by: 'peer', ...meant('unauthenticated') }
    const theirs = { site: 'mx.a', by: 'peer', ...meant('no-such-mailbox') }
    const verified = {
      domain: 'shop.example',
      text: 'shop.example is verified',
      messageId: undefined,
    }
    const events = [
      event('message.bounced', 1, ours),
      event('message.bounced', 2, ours),
      event('message.bounced', 3, theirs),
      event('message.retried', 9, { messageId: 'm1' }),
      event('domain.verified', 1, { ...verified, text: 'too early' }),
      event('domain.verified', 8, verified),
    ]
    const decided = { decidedAt: Date.parse(minute(7)), decidedBy: 'local', until: null }
    const brake = { name: 'no-such-mailbox@mx.a', state: 'released', ...decided } as BrakeRecord
    const { groups } = await failedMail(over(events), null, 0, [brake])
    assert.deepEqual(
      groups.map(({ cause, repairs, retried }) => [cause, retried, repairs]),
      [
        ['unauthenticated', 1, [{ at: minute(8), what: 'shop.example is verified' }]],
        [
          'no-such-mailbox',
          0,
          [{ at: minute(7), what: 'local released the brake no-such-mailbox@mx.a' }],
        ],
      ],
    )
  })
})
