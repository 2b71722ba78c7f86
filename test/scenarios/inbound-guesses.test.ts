// SPDX-License-Identifier: Apache-2.0
/** Reports in which nothing is of ours: what they may be about a person can see, and of a flood of them nothing follows. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { feedbackLimits } from '../../src/base/limits/feedback-limits.ts'
import { ZoneServer } from '../../src/dns/zone-server.ts'
import type { Event } from '../../src/events/event.ts'
import { journalOf, type MessageId } from '../../src/events/ids.ts'
import { until } from '../support/in-time.ts'
import { namesFrom, routeTo, trustLoopback } from '../support/relay-config.ts'
import { openSession, sendBySmtp, transact } from '../support/relay-mail.ts'
import { failureOf } from '../support/returned-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { startSink } from '../support/running-sink.ts'

const WORKERS = 2
/** What would suppress, if anybody could prove it. */
const UNKNOWN = '5.1.1 No such user'
const running = new AsyncDisposableStack()
let relay: RunningRelay

before(async () => {
  const sink = running.use(await startSink({}))
  const zone = running.use(await ZoneServer.start({}))
  const feedback = '[feedback]\nsuppress_after = "0s"\n'
  relay = running.use(
    await RunningRelay.start({
      config: `${routeTo(sink.port)}\n${trustLoopback}\n${namesFrom(zone)}\n${feedback}`,
      domains: ['shop.example'],
      serve: ['--workers', String(WORKERS)],
    }),
  )
})
after(() => running.disposeAsync())

/** The search view has its delivery, too. */
async function delivered(to: string): Promise<MessageId> {
  const transaction = { mail: '<orders@shop.example>', rcpt: [`<${to}>`] }
  const reply = await sendBySmtp(relay, transaction)
  const id = /queued as (\w{26})/.exec(reply)?.[1] as MessageId
  await until(
    async () => (await found('--type', 'delivered', '--message', id)).length > 0,
    () => `${id} is not found as delivered`,
  )
  return id
}

/** None yet while the view is being started. */
async function found(...filter: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await relay.cli('events', ...filter, '--json')
  return stdout.split('\n').filter((line) => line !== '')
}

async function timelineOf(id: MessageId): Promise<readonly Event[]> {
  const { events } = (await relay.json('trace', id)) as { events: readonly Event[] }
  return events
}

function bring(recipient: string): Promise<string> {
  const inbound = { port: relay.portOf('inbound') }
  const transaction = {
    mail: '<>',
    rcpt: ['<fbl@shop.example>'],
    content: failureOf(recipient, UNKNOWN),
  }
  return sendBySmtp(inbound, transaction)
}

test('A report is in the timeline of the only message that its recipient got, as possible, once', async () => {
  const ids: MessageId[] = []
  // Of each worker one at least, most likely.
  for (let count = 0; count < 6; count++) {
    const to = `jane${count}@example.net`
    const id = await delivered(to)
    assert.match(await bring(to), /^250 /)
    ids.push(id)
  }
  assert.ok(new Set(ids.map(journalOf)).size > 1, 'several workers took some')
  for (const id of ids) {
    const [, , report] = await timelineOf(id)
    assert.ok(report?.type === 'report.received')
    assert.deepEqual(
      [report.kind, report.fate, report.certainty, report.recipient],
      ['bounce', 'guessed', 'possible', `jane${ids.indexOf(id)}@example.net`],
    )
  }
  await until(
    async () => (await found('--type', 'report.received', '--message', ids[0] ?? '')).length > 0,
    () => 'the search view does not have the report',
  )
  assert.match(await bring('jane0@example.net'), /^550 5\.7\.1 /)
})

test('A report of somebody who got nothing, or two messages, is taken as any other that nobody understands', async () => {
  const two = [await delivered('ann@example.net'), await delivered('ann@example.net')]
  assert.match(await bring('ann@example.net'), /^550 5\.7\.1 /)
  assert.match(await bring('nobody@example.net'), /^550 5\.7\.1 /)
  for (const id of two) assert.equal((await timelineOf(id)).length, 2)
})

test('A flood of what strangers made up suppresses nobody, counts for nothing, and is told once', async () => {
  const id = await delivered('victim@example.net')
  await using dialog = await openSession({ port: relay.portOf('inbound') })
  const most = WORKERS * feedbackLimits.guessesPerPeerHour
  for (let count = 0; count < most * 2; count++) {
    const recipient = count % 2 === 0 ? 'victim@example.net' : `victim${count}@example.net`
    const content = failureOf(recipient, UNKNOWN)
    const reply = await transact(dialog, { mail: '<>', rcpt: ['<fbl@shop.example>'], content })
    assert.match(reply, /^(?:250|550) /)
  }
  const timeline = await timelineOf(id)
  assert.deepEqual(
    timeline.map(({ type }) => type),
    ['message.received', 'message.delivered', 'report.received'],
  )
  const { items } = (await relay.json('suppression', 'list')) as { items: readonly unknown[] }
  assert.deepEqual(items, [])
  const rates = JSON.stringify(await relay.json('rates', '--by', 'stream'))
  assert.match(rates, /"reported":0/)
  assert.doesNotMatch(rates, /"reported":[1-9]/)
  // Mail goes to them as before.
  await delivered('victim@example.net')
})
