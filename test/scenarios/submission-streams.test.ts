// SPDX-License-Identifier: Apache-2.0
/** Which stream a message goes to, who may say so, and what else header fields tell the relay. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { QueueRow } from '../../src/control/queues/queue-views.ts'
import type { MessageId } from '../../src/events/ids.ts'
import { outcomeOf } from '../support/outcomes.ts'
import { PoliteReceiver } from '../support/polite-receiver.ts'
import { routeTo, trustLoopback } from '../support/relay-config.ts'
import { messageText, openSession, transact } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'

const running = new AsyncDisposableStack()
let receiver: PoliteReceiver
let relay: RunningRelay

before(async () => {
  receiver = running.use(await PoliteReceiver.start())
  relay = running.use(
    await RunningRelay.start({
      domains: ['shop.example'],
      submission: 'clear_text_auth = "loopback"\n',
      config: trustLoopback + routeTo(receiver.port),
    }),
  )
  await relay.json('stream', 'add', 'news', '--kind', 'bulk', '--from', 'news.shop.example')
  await relay.json('stream', 'add', 'alerts', '--kind', 'transactional')
})

after(() => running.disposeAsync())

interface Said {
  readonly userName?: string
  readonly from?: string
  readonly fields?: string
}

/** Sends a message, and gives the final reply. */
async function submit(
  { userName, from, fields = '' }: Said,
  to = 'ann@x.example',
): Promise<string> {
  await using dialog = await openSession(relay)
  if (userName !== undefined) {
    const login = Buffer.from(`\0${userName}\0${relay.secret}`).toString('base64')
    assert.match(await dialog.say(`AUTH PLAIN ${login}`), /^235 /)
  }
  const content = fields + messageText({ ...(from && { from }) })
  return await transact(dialog, { mail: '<orders@shop.example>', rcpt: [`<${to}>`], content })
}

interface Received {
  readonly messageId: MessageId
  readonly type: string
  readonly stream: string
  readonly campaign: string | null
  readonly tags?: readonly string[]
  readonly metadata?: Readonly<Record<string, string>>
}

async function receivedAs(reply: string): Promise<Received> {
  const id = /queued as (\w+)/.exec(reply)?.[1]
  assert.ok(id, reply)
  const { events } = (await relay.json('trace', id)) as { events: readonly Received[] }
  const received = events.find(({ type }) => type === 'message.received')
  assert.ok(received)
  return received
}

const HEADER = 'X-Posthaste-Stream: alerts\r\n'
const cases: readonly (readonly [name: string, said: Said, stream: string])[] = [
  ['nobody says anything: the default', {}, 'transactional'],
  ['a stream is for the From domain', { from: 'ann@eu.news.shop.example' }, 'news'],
  [
    'the header says it, whatever From is',
    { from: 'a@news.shop.example', fields: HEADER },
    'alerts',
  ],
  ['the user name says it before the header', { userName: 'bulk', fields: HEADER }, 'bulk'],
  ['the user name is no stream', { userName: 'me', fields: HEADER }, 'alerts'],
]
for (const [name, said, stream] of cases)
  test(`The stream of a message, where ${name}`, async () => {
    assert.equal((await receivedAs(await submit(said))).stream, stream)
  })

test('Fields for the relay label a message, and do not leave with it', async () => {
  const fields =
    'X-Posthaste-Campaign: spring\r\nX-Posthaste-Tags: a, b\r\nX-Posthaste-Metadata: {"order":"17"}\r\n'
  const reply = await submit({ fields }, 'labelled@x.example')
  const received = await receivedAs(reply)
  assert.equal(received.campaign, 'spring')
  assert.deepEqual(received.tags, ['a', 'b'])
  assert.deepEqual(received.metadata, { order: '17' })
  await outcomeOf(relay, received.messageId, 'delivered')
  const sent = receiver.sentTo('labelled@')
  assert.match(sent?.content ?? '', /^Subject: Your order/m)
  assert.doesNotMatch(sent?.content ?? '', /x-posthaste/i)
})

test('A message waits for the time that its header names', async () => {
  const at = new Date(Date.now() + 2 * 3_600_000).toISOString()
  await submit({ fields: `X-Posthaste-Send-At: ${at}\r\n` }, 'ann@later.example')
  const { queues } = (await relay.json('queue', 'list')) as { queues: readonly QueueRow[] }
  const row = queues.find(({ domain }) => domain === 'later.example')
  assert.equal(row?.because, 'its time')
  assert.equal(row.nextDueAt, at)
})

for (const [name, fields, why] of [
  ['a stream that does not exist', 'X-Posthaste-Stream: alrts\r\n', /did you mean alerts\?/],
  [
    'a field that does not exist',
    'X-Posthaste-Steam: news\r\n',
    /did you mean X-Posthaste-Stream\?/,
  ],
  ['a time too far away', 'X-Posthaste-Send-At: 2099-01-01T00:00:00Z\r\n', /more than 30 days/],
] as const)
  test(`A message with ${name} is refused with a sentence that helps`, async () => {
    const reply = await submit({ fields })
    assert.match(reply, /^550 5\.6\.0 /)
    assert.match(reply, why)
  })
