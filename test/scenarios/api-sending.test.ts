// SPDX-License-Identifier: Apache-2.0
/** Sending over HTTP: what a program hands in is delivered, signed, and told of by its id. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Problem } from '../../src/api/http/problem.ts'
import type { SinkMessage } from '../../src/app/sink/sink-context.ts'
import type { Event, ReceivedEvent } from '../../src/events/event.ts'
import type { Answer } from '../support/api-answer.ts'
import { verifySignatures } from '../support/mailauth-verifier.ts'
import { relayBeforeSink } from '../support/relay-before-sink.ts'
import type { RunningRelay } from '../support/running-relay.ts'
import type { RunningSink } from '../support/running-sink.ts'

const hello = {
  from: { address: 'shop@shop.example', name: 'The Shop' },
  to: ['ann@example.net'],
  subject: 'Your order — thank you',
  text: 'Thank you.\n.\nYours',
} as const

const running = new AsyncDisposableStack()
let sink: RunningSink
let relay: RunningRelay
let key: string
let keyOfOther: string

before(async () => {
  ;({ sink, relay } = await relayBeforeSink(running, {
    commands: [['tenant', 'add', 'other']],
  }))
  key = await relay.newKey('default')
  keyOfOther = await relay.newKey('other')
})

after(() => running.disposeAsync())

function post(path: string, body: unknown, secret = key): Promise<Answer> {
  return relay.ask('POST', path, secret, body)
}

async function delivered(id: string): Promise<void> {
  await relay.waitForEvent(
    (event): event is Event =>
      event.type === 'message.delivered' && 'messageId' in event && event.messageId === id,
  )
}

function arrivedFor(recipient: string): SinkMessage {
  const found = sink.messages.findLast(({ recipients }) => recipients.includes(recipient))
  assert.ok(found, `nothing came for ${recipient}`)
  return found
}

describe('Sending over HTTP', () => {
  it('makes a message of its parts, signs it, delivers it, and tells what became of it', async () => {
    const { status, body } = await post('/messages', {
      ...hello,
      html: '<p>Thank you.</p><img src="cid:logo">',
      attachments: [
        { filename: 'logo.png', contentType: 'image/png', content: 'iVBORw0K', contentId: 'logo' },
      ],
      headers: { 'X-Order': '17' },
      campaign: 'spring',
      tags: ['order'],
      metadata: { order: '17' },
    })
    assert.equal(status, 202, JSON.stringify(body))
    await delivered(body.id)
    const { content } = arrivedFor('ann@example.net')
    const text = content.toString()
    assert.match(text, /^From: The Shop <shop@shop\.example>\r$/m)
    assert.match(text, /^Subject: =\?UTF-8\?/m)
    assert.match(text, /^X-Order: 17\r$/m)
    assert.match(text, /^Content-Type: multipart\//m)
    const records = new Map(
      (await relay.dnsRecordsOf('shop.example')).map(({ name, value }) => [name, value]),
    )
    const results = await verifySignatures(content, async (name) => [[records.get(name) ?? '']])
    assert.deepEqual(results, ['pass', 'pass'])
    const shown = await fetch(`${relay.api}/messages/${body.id}`, {
      headers: { authorization: `Bearer ${key}` },
    })
    const { events } = (await shown.json()) as { events: ReceivedEvent[] }
    assert.deepEqual(
      events.map(({ type }) => type),
      ['message.received', 'message.delivered'],
    )
    const [received] = events
    assert.deepEqual(
      [received?.campaign, received?.tags, received?.metadata, received?.protocol],
      ['spring', ['order'], { order: '17' }, 'HTTP'],
    )
  })

  it('takes a whole message with an envelope, and mends its line ends alone', async () => {
    const raw = Buffer.from('From: shop@shop.example\nSubject: raw\n\nÄ line\n').toString('base64')
    const envelope = { from: 'shop@shop.example', to: ['raw@example.net'] }
    const { body } = await post('/messages/raw', { raw, envelope })
    await delivered(body.id)
    assert.ok(arrivedFor('raw@example.net').content.toString().endsWith('\r\n\r\nÄ line\r\n'))
  })

  it('gives each recipient their own values, which are never markup', async () => {
    const { status, body } = await post('/messages/personalised', {
      from: 'shop@shop.example',
      subject: 'Hello {{name}}',
      text: 'Dear {{ name }}',
      html: '<p>Dear {{name}}</p>',
      recipients: [
        { to: 'one@example.net', substitutions: { name: 'Ann\r\nBcc: x@y.example' } },
        { to: 'two@example.net', substitutions: { name: '<b>Bob</b>' } },
        { to: 'three@example.net' },
      ],
    })
    assert.equal(status, 202, JSON.stringify(body))
    const [one, two, three] = body.results
    await delivered(one.id)
    await delivered(two.id)
    const first = arrivedFor('one@example.net').content.toString()
    assert.match(first, /^Subject: Hello Ann Bcc: x@y\.example\r$/m)
    assert.doesNotMatch(first.split('\r\n\r\n', 1)[0] ?? '', /^Bcc:/m)
    assert.match(
      arrivedFor('two@example.net').content.toString(),
      /<p>Dear &lt;b&gt;Bob&lt;\/b&gt;<\/p>/,
    )
    assert.equal(three.id, null)
    assert.match((three.problem as Problem).detail, /has "\{\{name\}\}"/)
  })

  it('answers for each message of a batch alone', async () => {
    const { body } = await post('/messages/batch', {
      messages: [hello, { ...hello, from: 'me@elsewhere.example' }, { ...hello, to: 'me', x: 1 }],
    })
    const [good, bad, malformed] = body.results
    assert.deepEqual([malformed.id, malformed.problem.status], [null, 400])
    assert.match(
      malformed.problem.detail,
      /^to: expected an address such as .*"x" is not known here/,
    )
    await delivered(good.id)
    assert.equal(bad.id, null)
    assert.equal(bad.problem.status, 422)
    assert.match(bad.problem.detail, /^550 5\.7\.1 /)
  })

  it('says what is wanted of a body that does not say it is JSON', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded'])
      for (const path of ['/messages', '/messages/batch']) {
        const answer = await fetch(relay.api + path, {
          method: 'POST',
          headers: { authorization: `Bearer ${relay.adminKey}`, 'content-type': type },
          body: JSON.stringify(hello),
        })
        assert.equal(answer.status, 400)
        const { detail } = (await answer.json()) as Problem
        assert.match(detail, /Content-Type: application\/json/, type)
      }
  })

  it('waits with a message until its time', async () => {
    const sendAt = new Date(Date.now() + 3_600_000).toISOString()
    const { body } = await post('/messages', { ...hello, to: 'later@example.net', sendAt })
    assert.ok(body.id, JSON.stringify(body))
    const listed = await relay.cli('queue', 'list')
    assert.match(listed.stdout, /example\.net/)
    assert.equal(
      sink.messages.some(({ recipients }) => recipients.includes('later@example.net')),
      false,
    )
  })

  it('shows the messages of one tenant to no other', async () => {
    const { body } = await post('/messages', hello)
    const answer = await fetch(`${relay.api}/messages/${body.id}`, {
      headers: { authorization: `Bearer ${keyOfOther}` },
    })
    assert.equal(answer.status, 404)
  })

  it("refuses to send from another tenant's domain", async () => {
    const { status, body } = await post('/messages', hello, keyOfOther)
    assert.deepEqual([status, body.code], [422, 'RLY_REFUSED'])
  })

  for (const [what, change, expected] of [
    [
      'a line end in the subject',
      { subject: 'a\r\nBcc: b@c.example' },
      /subject: expected one line/,
    ],
    ['a header field that is ours', { headers: { 'Return-Path': 'x' } }, /cannot be set here/],
    ['a header name with a colon', { headers: { 'X: y': 'z' } }, /the name of a field/],
    ['no address', { to: 'ann' }, /to: expected an address such as/],
    ['nobody to send to', { to: [] }, /nobody to send to/],
    ['a time that is too far away', { sendAt: '2099-01-01T00:00:00Z' }, /more than 30 days/],
    [
      'a file of ours as an attachment',
      { attachments: [{ filename: 'x', path: '/etc/passwd' }] },
      /"path" is not known/,
    ],
    ['too many tags', { tags: Array.from({ length: 11 }, String) }, /tags: /],
  ] as const)
    it(`refuses ${what} with a sentence`, async () => {
      const { status, body } = await post('/messages', { ...hello, ...change })
      assert.ok(status === 400 || status === 422, `${status}`)
      assert.match(body.detail, expected)
    })
})
