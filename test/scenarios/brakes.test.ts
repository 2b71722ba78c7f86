// SPDX-License-Identifier: Apache-2.0
/** A name server that has lost its mind: it knows no domain any more. Nobody's list ends for that. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ZoneServer } from '../../src/dns/zone-server.ts'
import { namesFrom, trustLoopback } from '../support/relay-config.ts'
import { openSession, transact } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'

const DOMAINS = 100
const RECIPIENTS = 300
/** What brakes let through before they hold: `brakeLimits.least`. */
const LET_THROUGH = 50

const running = new AsyncDisposableStack()
let relay: RunningRelay

before(async () => {
  const zone = running.use(await ZoneServer.start({ zone: 'other.example A 127.0.0.1' }))
  relay = running.use(
    await RunningRelay.start({
      domains: ['shop.example'],
      config: `${trustLoopback}${namesFrom(zone)}`,
    }),
  )
})
after(() => running.disposeAsync())

interface Row {
  readonly name: string
  readonly state: string
  readonly count: number
  readonly ends: number
  readonly decidedBy: string | null
}

const list = async () => (await relay.json('brake', 'list')) as readonly Row[]

async function submit(prefix: string, recipients: number): Promise<void> {
  await using session = await openSession(relay)
  const rcpt = Array.from(
    { length: recipients },
    (_, at) => `<${prefix}${at}@gone${at % DOMAINS}.example>`,
  )
  assert.match(await transact(session, { mail: '<>', rcpt }), /^250 /)
}

/** How many have bounced and how many wait, once each of so many has been tried. */
async function ends(recipients: number): Promise<{ bounced: number; held: number }> {
  const bounced = new Set<string>()
  const held = new Set<string>()
  for await (const event of relay.events) {
    if (event.type === 'message.bounced') bounced.add(event.recipient)
    if (event.type === 'message.deferred') {
      assert.match(event.reply.text, /^Held by the brake on no-such-domain, .* 550 5\.1\.2 /)
      assert.equal(event.meaning?.class, 'no-such-domain')
      held.add(event.recipient)
    }
    if (bounced.size + held.size === recipients) break
  }
  return { bounced: bounced.size, held: held.size }
}

test('Where no domain exists any more, few bounce, the others wait, and an event says why', async () => {
  await submit('ann', RECIPIENTS)
  const { bounced, held } = await ends(RECIPIENTS)
  assert.deepEqual({ bounced, held }, { bounced: LET_THROUGH, held: RECIPIENTS - LET_THROUGH })
  const event = await relay.waitForEvent(({ type }) => type === 'brake.held')
  assert.match(
    'text' in event ? event.text : '',
    /^51 of the last 51 mails that ended did so by no-such-domain, over \d+ domains/,
  )
  assert.deepEqual(
    (await list()).map(({ name, state, count, ends }) => [name, state, count, ends]),
    [['no-such-domain', 'holding', 51, 51]],
  )
})

test('It holds after a restart, until somebody has decided', async () => {
  await relay.stop()
  await relay.restart()
  await submit('bob', 10)
  await relay.waitForEvent(
    (event) => event.type === 'message.deferred' && event.recipient.startsWith('bob'),
  )
  const wrong = await relay.cli('brake', 'confirm', 'no-such-domian')
  assert.notEqual(wrong.code, 0)
  assert.match(wrong.stderr, /did you mean "no-such-domain"\?/)
  await relay.json('brake', 'confirm', 'no-such-domain', '--for', '1h')
  await relay.json('queue', 'retry', '*')
  await relay.waitForEvent(
    (event) => event.type === 'message.bounced' && event.recipient.startsWith('bob'),
  )
  const [brake] = await list()
  assert.deepEqual([brake?.state, brake?.decidedBy], ['confirmed', 'local'])
})
