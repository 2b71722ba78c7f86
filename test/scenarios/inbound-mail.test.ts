// SPDX-License-Identifier: Apache-2.0
/** Mail that comes back, by SMTP: from the report to the timeline of its message. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ZoneServer } from '../../src/dns/zone-server.ts'
import type { Event, FeedbackEvent } from '../../src/events/event.ts'
import { relayBeforeSink } from '../support/relay-before-sink.ts'
import { namesFrom } from '../support/relay-config.ts'
import { openSession } from '../support/relay-mail.ts'
import { bring, deliveredTo, failureOf } from '../support/returned-mail.ts'
import type { RunningRelay } from '../support/running-relay.ts'
import type { RunningSink } from '../support/running-sink.ts'

const OPERATOR = 'ops@operator.example'
const running = new AsyncDisposableStack()
let relay: RunningRelay
let sink: RunningSink
let zone: ZoneServer

before(async () => {
  zone = running.use(await ZoneServer.start({ zone: 'client.example TXT "v=spf1 -all"' }))
  ;({ relay, sink } = await relayBeforeSink(running, {
    config: `${namesFrom(zone)}\n[feedback]\nforward_to = "${OPERATOR}"\n`,
    commands: [['stream', 'add', 'shared', '--kind', 'transactional', '--share-transactions']],
  }))
})
after(() => running.disposeAsync())

const inbound = () => ({ port: relay.portOf('inbound') })

async function traced(id: string): Promise<readonly Event[]> {
  return ((await relay.json('trace', id)) as { events: readonly Event[] }).events
}

function ofType<T extends FeedbackEvent['type']>(type: T, id: string | null) {
  return (event: Event): event is Extract<FeedbackEvent, { type: T }> =>
    event.type === type && 'messageId' in event && event.messageId === id
}

test('A bounce that comes back changes the timeline: delivered, then bounced', async () => {
  const { id, path } = await deliveredTo(sink, relay, { to: ['left@example.net'] })
  assert.match(await bring(relay, path, failureOf('left@example.net')), /^250 2\.0\.0 /)
  const events = await traced(id)
  assert.deepEqual(
    events.map(({ type }) => type),
    ['message.received', 'message.delivered', 'message.bounced'],
  )
  const bounced = events.at(-1)
  assert.ok(bounced?.type === 'message.bounced' && bounced.by === 'report')
  assert.equal(bounced.recipient, 'left@example.net')
  assert.equal(bounced.certainty, 'proven')
  assert.equal(bounced.reportingMta, 'mx.example')
  assert.deepEqual(bounced.diagnosis, {
    code: 550,
    enhanced: '5.2.1',
    text: '550 5.2.1 Mailbox disabled',
  })
})

test('It is one event, however often and in whatever letters the report comes', async () => {
  const { id, path } = await deliveredTo(sink, relay, { to: ['twice@example.net'] })
  await Promise.all([
    bring(relay, path, failureOf('twice@example.net')),
    bring(relay, path, failureOf('twice@example.net')),
  ])
  await bring(relay, path.toUpperCase(), failureOf('other@behind-a-forward.example'))
  const bounces = (await traced(id)).filter(({ type }) => type === 'message.bounced')
  assert.equal(bounces.length, 1)
})

test('A report of a delay, and an automatic reply, are noted and change nothing', async () => {
  const { id, path } = await deliveredTo(sink, relay, { to: ['late@example.net'] })
  const delay = failureOf('late@example.net').replace('Action: failed', 'Action: delayed')
  assert.match(await bring(relay, path, delay), /^250 /)
  const vacation = 'From: late@example.net\r\nSubject: Automatic reply: hi\r\n\r\nI am away.\r\n'
  assert.match(await bring(relay, path, vacation), /^250 /)
  const notes = (await traced(id)).filter(ofType('report.received', id))
  assert.deepEqual(
    notes.map(({ kind, fate }) => [kind, fate]),
    [
      ['delayed', 'noted'],
      ['auto-reply', 'noted'],
    ],
  )
})

test('A complaint whose recipient is redacted finds its message by the token in it', async () => {
  const { id, path } = await deliveredTo(sink, relay, { to: ['angry@example.net'] })
  const complaint = [
    'From: fbl@provider.example',
    'Subject: Complaint',
    'Content-Type: multipart/report; report-type=feedback-report; boundary=b',
    '',
    '--b',
    'Content-Type: message/feedback-report',
    '',
    'Feedback-Type: abuse',
    'Version: 1',
    'User-Agent: Provider/1',
    '--b',
    'Content-Type: message/rfc822',
    '',
    `Return-Path: <${path}>`,
    'To: redacted',
    '--b--',
    '',
  ].join('\r\n')
  assert.match(
    await bring(relay, 'FBL@bounce.shop.example', complaint, '<fbl@provider.example>'),
    /^250 /,
  )
  const complained = await relay.waitForEvent(ofType('message.complained', id))
  assert.deepEqual(
    [complained.recipient, complained.feedbackType, complained.certainty],
    ['angry@example.net', 'abuse', 'proven'],
  )
})

test('A complaint that names only our Message-ID is likely, and no more', async () => {
  const { id } = await deliveredTo(sink, relay, { to: ['quiet@example.net'] })
  const complaint = [
    'From: fbl@provider.example',
    'Content-Type: multipart/report; boundary=b',
    '',
    '--b',
    'Content-Type: message/feedback-report',
    '',
    'Feedback-Type: abuse',
    '--b',
    'Content-Type: message/rfc822',
    '',
    `Message-ID: <${id.toLowerCase()}@shop.example>`,
    '--b--',
    '',
  ].join('\r\n')
  await bring(relay, 'fbl@shop.example', complaint)
  const complained = await relay.waitForEvent(ofType('message.complained', id))
  assert.equal(complained.certainty, 'likely')
})

test('Mail to unsubscribe@ with the token says that its recipient wants no more', async () => {
  const { id, path } = await deliveredTo(sink, relay, { to: ['enough@example.net'] })
  const token = path.slice(0, path.indexOf('@'))
  const wish = `From: enough@example.net\r\nSubject: ${token}\r\n\r\n\r\n`
  await bring(relay, 'unsubscribe@bounce.shop.example', wish, '<enough@example.net>')
  const wanted = await relay.waitForEvent(ofType('message.unsubscribed', id))
  assert.deepEqual([wanted.recipient, wanted.by], ['enough@example.net', 'mail'])
})

test('What a person answers to our mail goes to the operator, whole and in a mail of ours', async () => {
  const { id, path } = await deliveredTo(sink, relay, { to: ['jane@example.net'] })
  const answer =
    'From: Jane <jane@example.net>\r\nSubject: Re: Your order\r\n\r\nWhere is it? caf\xe9\r\n'
  assert.match(await bring(relay, path, answer, '<jane@example.net>'), /^250 /)
  await relay.waitForEvent(
    (event) => event.type === 'message.delivered' && event.recipient === OPERATOR,
  )
  const forwarded = sink.messages.findLast(({ recipients }) => recipients.includes(OPERATOR))
  assert.ok(forwarded)
  assert.equal(forwarded.reversePath, '')
  const text = forwarded.content.toString('latin1')
  assert.match(text, /^Reply-To: <jane@example\.net>\r$/m)
  assert.match(text, /^Auto-Submitted: auto-generated\r$/m)
  assert.ok(text.includes(`\r\nSubject: Answer to ${id}: Re: Your order\r\n`))
  assert.match(text, /Where is it\? caf(?:\xe9|=E9)/)
  // What comes back from there does not go there again.
  assert.match(await bring(relay, 'abuse@shop.example', text), /^554 5\.4\.6 /)
})

test('Mail for anybody else is refused at RCPT, and so is a token that somebody made up', async () => {
  const { path } = await deliveredTo(sink, relay, { to: ['bo@example.net'] })
  const forged = path.replace(/^./, (first) => (first === '0' ? '1' : '0'))
  await using dialog = await openSession(inbound())
  assert.match(await dialog.say('MAIL FROM:<>'), /^250 /)
  for (const to of ['jane@shop.example', forged, 'abuse@elsewhere.example', 'fbl@example.net'])
    assert.match(await dialog.say(`RCPT TO:<${to}>`), /^550 5\.1\.1 No such mailbox here/, to)
  assert.match(await dialog.say('RCPT TO:<postmaster>'), /^250 /)
  assert.match(await dialog.say('RSET'), /^250 /)
  assert.match(await dialog.say('AUTH PLAIN AGEAYg=='), /^5\d\d /)
  assert.match(await dialog.say('MAIL FROM:<>'), /^250 /)
  assert.match(await dialog.say(`RCPT TO:<${path}>`), /^250 /)
})

test('A report that is of no message that is known goes to the operator, and is counted', async () => {
  const report = failureOf('nobody@example.net').replace('Undelivered', 'Failed')
  assert.match(await bring(relay, 'fbl@shop.example', `X-A: 1\r\n${report}`), /^250 /)
  const note = await relay.waitForEvent(ofType('report.received', null))
  assert.deepEqual([note.kind, note.fate], ['bounce', 'forwarded'])
})

test('Recipients who shared a transaction are told apart by the report', async () => {
  const to = ['ann@example.net', 'cy@example.net']
  const { id, path } = await deliveredTo(sink, relay, { to, stream: 'shared' })
  assert.match(await bring(relay, path, failureOf('CY@example.net')), /^250 /)
  const bounced = (await traced(id)).find(({ type }) => type === 'message.bounced')
  assert.ok(bounced?.type === 'message.bounced')
  assert.deepEqual([bounced.recipientIndex, bounced.recipient], [1, 'cy@example.net'])
  assert.match(await bring(relay, path, failureOf('somebody@elsewhere.example')), /^250 /)
  const note = await relay.waitForEvent(ofType('report.received', id))
  assert.deepEqual([note.kind, note.fate], ['bounce', 'unmatched'])
})
