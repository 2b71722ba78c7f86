// SPDX-License-Identifier: Apache-2.0
/** What comes back to one of several workers is recorded by the one that has the message, and outlives both. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ms } from '../../src/base/brand.ts'
import { SystemClock } from '../../src/base/clock.ts'
import { ZoneServer } from '../../src/dns/zone-server.ts'
import type { Event } from '../../src/events/event.ts'
import { journalOf, type MessageId } from '../../src/events/ids.ts'
import { namesFrom, routeTo, trustLoopback } from '../support/relay-config.ts'
import { sendBySmtp } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { startSink } from '../support/running-sink.ts'

const MESSAGES = 12
const bounce = [
  'Content-Type: message/delivery-status',
  '',
  'Final-Recipient: rfc822; jane@example.net',
  'Action: failed',
  '',
].join('\r\n')

function typesOf(events: readonly Event[]): readonly string[] {
  return events.map(({ type }) => type)
}

test('Each report is in the timeline of its message, whichever worker took either, also after all are killed', async () => {
  await using sink = await startSink({})
  await using zone = await ZoneServer.start({})
  await using relay = await RunningRelay.start({
    config: `${routeTo(sink.port)}\n${trustLoopback}\n${namesFrom(zone)}`,
    domains: ['shop.example'],
    serve: ['--workers', '3'],
  })
  const ids: MessageId[] = []
  for (let count = 0; count < MESSAGES; count++) {
    const transaction = { mail: '<orders@shop.example>', rcpt: ['<jane@example.net>'] }
    const reply = await sendBySmtp(relay, transaction)
    ids.push(/queued as (\w{26})/.exec(reply)?.[1] as MessageId)
  }
  assert.ok(new Set(ids.map(journalOf)).size > 1, 'several workers took some')
  const open = new Set<string>(ids)
  await relay.waitForEvent((event: Event) => {
    if (event.type === 'message.delivered') open.delete(event.messageId)
    return open.size === 0
  })
  const inbound = { port: relay.portOf('inbound') }
  for (const { reversePath } of sink.messages)
    await taken(() =>
      sendBySmtp(inbound, { mail: '<>', rcpt: [`<${reversePath}>`], content: bounce }),
    )
  await relay.kill()
  await relay.restart(['--workers', '2'])
  await relay.untilReadiness('ready')
  for (const id of ids) {
    const { events } = (await relay.json('trace', id)) as { events: readonly Event[] }
    assert.deepEqual(typesOf(events), ['message.received', 'message.delivered', 'message.bounced'])
  }
})

/** As another server does: what cannot be recorded now is brought again. */
async function taken(bring: () => Promise<string>): Promise<void> {
  const clock = new SystemClock()
  for (;;) {
    const reply = await bring()
    if (reply.startsWith('250 ')) return
    assert.match(reply, /^451 4\.3\.2 /)
    await clock.sleep(ms(100))
  }
}
