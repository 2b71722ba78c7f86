// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silentLog } from '../base/log.ts'
import { ManualClock } from '../base/manual-clock.ts'
import type { EventFeed } from '../spool/event-feed.ts'
import type { DeskStatus } from './desk/mail-desk.ts'
import { Metrics } from './metrics.ts'

const status: DeskStatus = {
  node: 'test',
  version: '0',
  pid: 1,
  supervisorPid: null,
  startedAt: '2026-01-01T00:00:00.000Z',
  isReady: false,
  why: 'draining',
  waiting: 7,
  ready: 3,
  connections: 2,
  sessions: 1,
  forgedPaths: 4,
  forgedLinks: 3,
}

/** What is rendered after these events. */
async function rendered(...events: readonly object[]): Promise<string> {
  const metrics = new Metrics({ status: async () => status }, feedOf(events), {
    reader: () => ({ name: 'search', behind: 12 }),
  })
  await metrics.follow(new AbortController().signal, new ManualClock(), silentLog)
  return await metrics.render()
}

function feedOf(events: readonly object[]): EventFeed {
  return {
    async *read() {
      yield { events: events.map((event) => ({ event })), cursor: new Map() }
    },
    readers: () => [{ name: 'metrics', behind: 0 }],
  } as unknown as EventFeed
}

const common = { tenant: 'shop', stream: 'news' }
const delays = { beforeQueue: 100, inQueue: 200, connect: 50, transmit: 50 }

test('Gauges are read when somebody asks', async () => {
  const text = await rendered()
  for (const line of [
    'posthaste_waiting_recipients 7',
    'posthaste_ready_recipients 3',
    'posthaste_egress_connections 2',
    'posthaste_submission_sessions 1',
    'posthaste_inbound_forged_paths 4',
    'posthaste_web_forged_links 3',
    'posthaste_spool_shedding 1',
    'posthaste_view_behind_records{view="metrics"} 0',
    'posthaste_view_behind_records{view="search"} 12',
  ])
    assert.ok(text.includes(`\n${line}\n`), line)
})

test('Receptions, refusals and outcomes are counted; the time to deliver is observed', async () => {
  const text = await rendered(
    { type: 'message.received', ...common, recipients: ['a', 'b'] },
    { type: 'message.rejected', ...common, reply: { code: 550 } },
    { type: 'message.delivered', ...common, reply: { code: 250 }, delays },
    { type: 'message.expired', ...common, lastReply: null },
    { type: 'queue.suspended', text: 'jo suspended a queue' },
  )
  for (const line of [
    'posthaste_received_messages_total{tenant="shop",stream="news"} 1',
    'posthaste_received_recipients_total{tenant="shop",stream="news"} 2',
    'posthaste_rejected_total{code="550"} 1',
    'posthaste_outcomes_total{outcome="delivered",tenant="shop",stream="news"} 1',
    'posthaste_outcomes_total{outcome="expired",tenant="shop",stream="news"} 1',
    'posthaste_replies_total{outcome="delivered",code="250"} 1',
    'posthaste_delivery_seconds_bucket{le="0.1",stream="news"} 0',
    'posthaste_delivery_seconds_bucket{le="0.5",stream="news"} 1',
    'posthaste_delivery_seconds_sum{stream="news"} 0.4',
  ])
    assert.ok(text.includes(`${line}\n`), `${line}\n${text}`)
})
