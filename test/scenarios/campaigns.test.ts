// SPDX-License-Identifier: Apache-2.0
/** Campaigns: paused, resumed, cancelled; of each tenant alone. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { CampaignAnswer } from '../../src/api/resources/campaign-fields.ts'
import { ZoneServer } from '../../src/dns/zone-server.ts'
import type { OperationEvent } from '../../src/events/event.ts'
import { outcomeOf } from '../support/outcomes.ts'
import { namesFrom, routeTo, trustLoopback } from '../support/relay-config.ts'
import { messageText, openSession, sendBySmtp, transact } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { type RunningSink, startSink } from '../support/running-sink.ts'

const running = new AsyncDisposableStack()
let relay: RunningRelay
let sink: RunningSink

before(async () => {
  sink = running.use(await startSink())
  const zone = running.use(await ZoneServer.start({ zone: 'client.example TXT "v=spf1 -all"' }))
  relay = running.use(
    await RunningRelay.start({
      config: `${trustLoopback}${routeTo(sink.port)}\n${namesFrom(zone)}\n[feedback]\npauses = ["campaign"]\n`,
      domains: ['shop.example'],
      commands: [['tenant', 'add', 'other']],
    }),
  )
})

after(() => running.disposeAsync())

/** Returns the replies; one transaction for each recipient. */
async function submit(campaign: string, ...to: readonly string[]): Promise<readonly string[]> {
  const replies: string[] = []
  for (const one of to) {
    await using dialog = await openSession(relay)
    const content = `X-Posthaste-Campaign: ${campaign}\r\n${messageText()}`
    const rcpt = [`<${one}>`]
    replies.push(await transact(dialog, { mail: '<orders@shop.example>', rcpt, content }))
  }
  return replies
}

function idIn(replyText: string | undefined): string {
  return /[0-9A-Z]{26}/.exec(replyText ?? '')?.[0] ?? ''
}

async function show(name: string): Promise<CampaignAnswer> {
  return (await relay.json('campaign', 'show', name, '--tenant', 'default')) as CampaignAnswer
}

const people = Array.from({ length: 8 }, (_, at) => `user${at}@example.net`)

test('A paused campaign takes mail and sends none, until it is resumed', async () => {
  const unknown = await relay.cli('campaign', 'pause', 'spring', '--tenant', 'default')
  assert.equal(unknown.code, 68, 'a name that nothing is known of stops nothing')
  const [first] = await submit('spring', 'first@example.net')
  await outcomeOf(relay, idIn(first), 'delivered')
  // What was delivered is counted within a second or two.
  while ((await relay.cli('campaign', 'show', 'spring', '--tenant', 'default')).code !== 0);
  const paused = ['campaign', 'pause', 'spring', '--tenant', 'default', '--reason', 'a wrong price']
  await relay.json(...paused)
  const replies = await submit('spring', ...people)
  assert.ok(replies.every((text) => text.startsWith('250 ')))
  const [other] = await submit('summer', 'other@example.net')
  await outcomeOf(relay, idIn(other), 'delivered')
  const found = await show('spring')
  assert.deepEqual(
    [found.state, found.by, found.why, found.waiting, found.ready],
    ['paused', 'the command line', 'a wrong price', people.length, 0],
  )
  const { queues } = (await relay.json('queue', 'list')) as { queues: { because: string }[] }
  assert.match(queues[0]?.because ?? '', /its campaign is paused by the command line: a wrong/)
  const listed = async (state: string) =>
    ((await relay.json('campaign', 'list', '--state', state)) as CampaignAnswer[]).map(
      ({ name }) => name,
    )
  assert.deepEqual(await listed('paused'), ['spring'])
  assert.equal((await listed('running')).includes('spring'), false)
  await relay.json('campaign', 'resume', 'spring', '--tenant', 'default')
  for (const text of replies) await outcomeOf(relay, idIn(text), 'delivered')
  const said = await relay.waitForEvent<OperationEvent>(
    (event): event is OperationEvent => event.type === 'campaign.paused',
  )
  assert.match(said.text, /the command line paused \(a wrong price\) campaign spring of tenant/)
})

test('Settings may be made before the first message, and are set back', async () => {
  const change = ['campaign', 'change', 'autumn', '--tenant', 'default']
  const { stdout } = await relay.cli(...change, '--weight', '3', '--priority', '4')
  assert.equal(stdout, 'Campaign autumn of tenant default is running, priority 4, weight 3.\n')
  assert.equal((await show('autumn')).weight, 3)
  await relay.json(...change, '--weight', '1', '--priority', 'unset')
  const gone = await relay.cli('campaign', 'show', 'autumn', '--tenant', 'default')
  assert.equal(gone.code, 68)
})

test('Mail of a campaign waits for its window, goes at its pace, and the commands say so', async () => {
  const hour = (from: number) => new Date(Date.now() + from * 3_600_000).toISOString().slice(11, 16)
  const change = ['campaign', 'change', 'winter', '--tenant', 'default']
  const wrong = await relay.cli(...change, '--window', '9-17 Berlin')
  assert.match(wrong.stderr, /"9-17 Berlin" is no window of the day: expected such as/)
  await relay.json(...change, '--window', `${hour(2)}-${hour(3)} UTC`, '--pace', '3600/1h')
  const [text] = await submit('winter', 'reader@example.net')
  const { queues } = (await relay.json('queue', 'list')) as { queues: { because: string }[] }
  assert.match(queues[0]?.because ?? '', /^the window of its campaign \(.*\), which opens at /)
  const found = await show('winter')
  assert.deepEqual([found.waiting, found.pace], [1, '3600/1 h'])
  assert.ok(Date.parse(found.doneAt ?? '') > Date.now() + 3_600_000)
  await relay.json(...change, '--window', 'unset')
  await outcomeOf(relay, idIn(text), 'delivered')
  const replies = await submit('winter', 'a@example.net', 'b@example.org')
  for (const each of replies) await outcomeOf(relay, idIn(each), 'delivered')
})

test('Another tenant sees no campaign, and stops none', async () => {
  const secret = await relay.newKey('other', 'setup', 'read')
  const ask = (method: string, path: string) =>
    relay.ask(method, path, secret, method === 'POST' ? {} : undefined)
  assert.deepEqual((await ask('GET', '/campaigns')).body, { items: [], nextCursor: null })
  assert.equal((await ask('GET', '/campaigns/spring')).status, 404)
  assert.equal((await ask('POST', '/campaigns/spring/cancel')).status, 404)
  assert.equal((await ask('GET', '/campaigns/spring?tenant=default')).status, 404)
})

test('A cancelled campaign ends, each recipient with an event, and more of it is refused, also after a restart', async () => {
  await relay.json('campaign', 'pause', 'spring', '--tenant', 'default')
  const replies = await submit('spring', ...people)
  const before = sink.messages.length
  await relay.json('campaign', 'cancel', 'spring', '--tenant', 'default', '--reason', 'sold out')
  for (const text of replies)
    await relay.waitForEvent(
      (event) => event.type === 'message.cancelled' && event.messageId === idIn(text),
    )
  const [refused] = await submit('spring', 'late@example.net')
  assert.match(refused ?? '', /^550 5\.7\.1 Campaign "spring" was cancelled/)
  await relay.stop()
  await relay.restart()
  const [again] = await submit('spring', 'late@example.net')
  assert.match(again ?? '', /^550 5\.7\.1 /)
  const found = await show('spring')
  assert.deepEqual([found.state, found.why, found.waiting], ['cancelled', 'sold out', 0])
  assert.equal(sink.messages.length, before)
  await relay.json('campaign', 'resume', 'spring', '--tenant', 'default')
  const [taken] = await submit('spring', 'next@example.net')
  await outcomeOf(relay, idIn(taken), 'delivered')
})

test('Complaints mark a campaign, and pause it where they are too many', async () => {
  await using dialog = await openSession(relay)
  const label = 'X-Posthaste-Stream: bulk\r\nX-Posthaste-Campaign: loud\r\n'
  const rcpt = Array.from({ length: 210 }, (_, at) => `<reader${at}@example.net>`)
  const content = label + messageText()
  const text = await transact(dialog, { mail: '<orders@shop.example>', rcpt, content })
  await outcomeOf(relay, idIn(text), 'delivered', 'reader209@example.net')
  const paths = [0, 1, 2].map(
    (at) =>
      sink.messages.find(({ recipients }) => recipients[0] === `reader${at}@example.net`)
        ?.reversePath,
  )
  for (const path of paths) {
    const complaint = `From: <fbl@provider.example>\r\nContent-Type: multipart/report; boundary=b\r\n\r\n--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nReturn-Path: <${path}>\r\n--b--\r\n`
    const mail = { mail: '<>', rcpt: ['<fbl@bounce.shop.example>'], content: complaint }
    assert.match(await sendBySmtp({ port: relay.portOf('inbound') }, mail), /^250 /)
  }
  const told = await relay.waitForEvent<OperationEvent>(
    (event): event is OperationEvent => event.type === 'campaign.complaints',
  )
  assert.match(told.text, /^campaign loud of tenant default: 3 complaints about 210 delivered/)
  await relay.waitForEvent(
    (event) =>
      event.type === 'campaign.paused' && 'text' in event && event.text.includes('campaign loud'),
  )
  const found = await show('loud')
  assert.deepEqual([found.state, found.by, found.mark?.kind], ['paused', 'posthaste', 'high-rate'])
  assert.match(found.mark?.why ?? '', /1\.43 % \(at most 0\.30 % is wanted\)/)
  assert.equal(found.complained, 3)
})
