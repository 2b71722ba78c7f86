// SPDX-License-Identifier: Apache-2.0
/** The failure report as its reader gets it: from nobody, signed, and in the form of RFC 3464. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SinkMessage } from '../../src/app/sink/sink-context.ts'
import { verifySignatures } from '../support/mailauth-verifier.ts'
import { reportTo } from '../support/outcomes.ts'
import { routeTo, trustLoopback } from '../support/relay-config.ts'
import { messageText, sendBySmtp } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { type RunningSink, startSink } from '../support/running-sink.ts'

async function relayBefore(sink: RunningSink, domains: readonly string[]): Promise<RunningRelay> {
  const config = trustLoopback + routeTo(sink.port)
  return await RunningRelay.start({ domains, config })
}

async function arrived(relay: RunningRelay, sink: RunningSink, to: string): Promise<SinkMessage> {
  const { messageId } = await reportTo(relay, to)
  await relay.waitForEvent(
    (event) => event.type === 'message.delivered' && event.messageId === messageId,
  )
  const found = sink.messages.find(({ recipients }) => recipients[0] === to)
  assert.ok(found)
  return found
}

/** The fields of one paragraph, unfolded. */
function fieldsOf(paragraph: string): ReadonlyMap<string, string> {
  const unfolded = paragraph.replaceAll(/\r\n[ \t]+/g, ' ').trim()
  return new Map(
    unfolded.split('\r\n').map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
    }),
  )
}

test('A report names every failed recipient with the words of its receiver, and verifies', async () => {
  await using sink = await startSink()
  // The report is from relay.example.com, which the second domain covers.
  await using relay = await relayBefore(sink, ['shop.example', 'example.com'])
  await sendBySmtp(relay, {
    mail: '<orders@shop.example> RET=HDRS ENVID=order-17',
    rcpt: ['<unknown@example.net> ORCPT=rfc822;Old@example.net', '<ok@example.net>'],
  })
  const { reversePath, content } = await arrived(relay, sink, 'orders@shop.example')
  assert.equal(reversePath, '')
  const text = content.toString()
  const [head = ''] = text.split('\r\n\r\n', 1)
  const header = fieldsOf(head)
  assert.equal(header.get('from'), 'Mail Delivery System <postmaster@relay.example.com>')
  assert.equal(header.get('to'), '<orders@shop.example>')
  assert.equal(header.get('auto-submitted'), 'auto-replied')
  assert.ok(header.has('message-id'))
  const boundary = /boundary="([^"]+)"/.exec(header.get('content-type') ?? '')?.[1] ?? ''
  assert.match(header.get('content-type') ?? '', /^multipart\/report; report-type=delivery-status/)
  const [, explanation = '', status = '', original = ''] = text.split(`--${boundary}`)
  assert.match(explanation, /<unknown@example\.net>\r\n {4}The host 127\.0\.0\.1 said: 550 5\.1\.1/)
  const [, ofMessage = '', ofRecipient = '', ...others] = status.split('\r\n\r\n')
  assert.deepEqual(others.join('').trim(), '')
  assert.equal(fieldsOf(ofMessage).get('reporting-mta'), 'dns; relay.example.com')
  assert.equal(fieldsOf(ofMessage).get('original-envelope-id'), 'order-17')
  const recipient = fieldsOf(ofRecipient)
  assert.equal(recipient.get('original-recipient'), 'rfc822;Old@example.net')
  assert.equal(recipient.get('final-recipient'), 'rfc822; unknown@example.net')
  assert.equal(recipient.get('action'), 'failed')
  assert.equal(recipient.get('status'), '5.1.1')
  assert.equal(recipient.get('remote-mta'), 'dns; 127.0.0.1')
  assert.match(recipient.get('diagnostic-code') ?? '', /^smtp; 550 5\.1\.1 /)
  assert.match(original, /^\r\nContent-Type: text\/rfc822-headers/)
  assert.match(original, /Subject: Your order/)
  assert.doesNotMatch(original, /Thank you/)
  const published = await relay.dnsRecordsOf('example.com')
  const results = await verifySignatures(content, async (name) =>
    published.filter((record) => record.name === name).map(({ value }) => [value]),
  )
  assert.deepEqual(results, ['pass', 'pass'])
})

test('A report about an address beyond ASCII asks for SMTPUTF8', async () => {
  await using sink = await startSink()
  await using relay = await relayBefore(sink, ['shop.example'])
  const from = Buffer.from('josé@shop.example').toString('latin1')
  await sendBySmtp(relay, {
    mail: `<${from}> SMTPUTF8`,
    rcpt: ['<unknown@example.net>'],
    content: messageText({ from }),
  })
  const { content } = await arrived(relay, sink, 'josé@shop.example')
  assert.match(content.toString(), /^To: <josé@shop\.example>\r$/m)
  assert.match(content.toString(), /^Received:[^:]+UTF8|Content-Type: message\/global-delivery/m)
})
