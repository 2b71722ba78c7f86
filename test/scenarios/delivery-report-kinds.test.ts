// SPDX-License-Identifier: Apache-2.0
/** Reports of delay and of success, and who gets none: as submitters and receivers see them. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Event, ReceivedEvent } from '../../src/events/event.ts'
import { outcomeOf, reportTo } from '../support/outcomes.ts'
import { PoliteReceiver } from '../support/polite-receiver.ts'
import { routeTo, trustLoopback } from '../support/relay-config.ts'
import { send, sendBySmtp } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'

const running = new AsyncDisposableStack()
let receiver: PoliteReceiver
let relay: RunningRelay

/** A relay of its own: where mail counts as late after a second, a busy machine makes some of it late. */
async function start(config = ''): Promise<void> {
  receiver = running.use(
    await PoliteReceiver.start({
      answer: (line) => {
        if (line.startsWith('RCPT TO:<cut-off')) return null
        if (line.startsWith('RCPT TO:<later')) return '451 4.7.1 Come back later'
        return line.startsWith('RCPT TO:<nobody') ? '550 5.1.1 No such user' : undefined
      },
    }),
  )
  relay = running.use(
    await RunningRelay.start({
      domains: ['shop.example'],
      commands: [
        ['stream', 'add', 'loud', '--kind', 'bulk', '--reports'],
        ['stream', 'add', 'quiet', '--kind', 'transactional', '--no-reports'],
        ['stream', 'add', 'going', '--kind', 'transactional'],
        ['stream', 'change', 'bulk', '--expires-after', '2d'],
      ],
      config: `${trustLoopback}${routeTo(receiver.port)}${config}`,
    }),
  )
}

after(() => running.disposeAsync())

/** The text of the report to `submitter`, when it has arrived. */
async function arrivedReport(submitter: string): Promise<string> {
  const { messageId } = await reportTo(relay, submitter)
  await outcomeOf(relay, messageId, 'delivered')
  const found = receiver.sentTo(`<${submitter}>`)
  assert.ok(found)
  return found.content
}

function reportsTo(submitter: string): readonly ReceivedEvent[] {
  const isReport = (event: Event): event is ReceivedEvent =>
    event.type === 'message.received' &&
    event.reversePath === '' &&
    event.recipients[0] === submitter
  return relay.events.seen.filter(isReport)
}

describe('A relay', () => {
  before(() => start())

  test('Success is reported where it is asked for, though the receiver offers to do it: its word comes to us', async () => {
    await sendBySmtp(relay, {
      mail: '<glad@shop.example> RET=FULL ENVID=order+2B17',
      rcpt: ['<jane@example.net> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;Jane@example.org'],
    })
    const text = await arrivedReport('glad@shop.example')
    for (const line of [
      'Subject: Your message was passed on',
      'Original-Envelope-Id: order+17',
      'Original-Recipient: rfc822;Jane@example.org',
      'Final-Recipient: rfc822; jane@example.net',
      'Action: relayed',
      'Status: 2.6.0',
      'Remote-MTA: dns; 127.0.0.1',
      'Diagnostic-Code: smtp; 250 2.6.0 Queued as 7',
    ])
      assert.ok(text.includes(`\r\n${line}\r\n`), `${line}\n${text}`)
    assert.match(text, /^Last-Attempt-Date: /m)
    assert.doesNotMatch(text, /Thank you|Will-Retry-Until/)
    const out = receiver.sentTo('<jane@')
    assert.match(out?.mail ?? '', / RET=FULL ENVID=order\+2B17$/)
    assert.match(out?.rcpt[0] ?? '', / NOTIFY=SUCCESS,DELAY ORCPT=rfc822;Jane@example\.org$/)
  })

  test('Nobody is told of a success that was not asked for', async () => {
    const messageId = await send(relay, { to: ['ok@example.net'], from: 'calm@shop.example' })
    await outcomeOf(relay, messageId, 'delivered')
    assert.deepEqual(reportsTo('calm@shop.example'), [])
  })

  test('A stream has reports or not as it was told, whatever its kind', async () => {
    for (const [stream, from, reports] of [
      ['loud', 'loud@shop.example', 1],
      ['quiet', 'quiet@shop.example', 0],
    ] as const) {
      // Each to another one: who was found not to exist is suppressed from then on.
      const to = [`nobody-${stream}@example.net`]
      const messageId = await send(relay, { to, from, stream })
      await outcomeOf(relay, messageId, 'bounced')
      assert.equal(reportsTo(from).length, reports)
    }
  })

  test('A stream that is removed takes nobody’s report with it', async () => {
    assert.equal((await relay.cli('queue', 'suspend', 'going:*', '--reason', 'test')).code, 0)
    const mail = { to: ['nobody-3@example.net'], from: 'gone@shop.example', stream: 'going' }
    const messageId = await send(relay, mail)
    await relay.json('stream', 'remove', 'going')
    await relay.json('queue', 'resume', 'going:*')
    await outcomeOf(relay, messageId, 'bounced')
    assert.match(await arrivedReport('gone@shop.example'), /^Action: failed\r$/m)
  })
})

describe('A relay that reports a delay after a second', () => {
  before(() => start('[dsn]\ndelay_after = "1s"\n'))

  test('Who waits for long is reported once, tried or suspended, also across a restart', async () => {
    await relay.json('queue', 'suspend', '*@held.example', '--reason', 'test')
    await sendBySmtp(relay, {
      mail: '<late@shop.example> ENVID=17',
      rcpt: ['<later@example.net>', '<later-2@example.net> NOTIFY=FAILURE'],
    })
    await send(relay, { to: ['jane@held.example'], from: 'held@shop.example' })
    await send(relay, { to: ['later@example.net'], from: 'bulk@shop.example', stream: 'bulk' })
    await sendBySmtp(relay, { mail: '<>', rcpt: ['<later@example.net>'] })
    const text = await arrivedReport('late@shop.example')
    for (const line of [
      'Subject: Your message is delayed',
      'Original-Envelope-Id: 17',
      'Action: delayed',
      'Status: 4.7.1',
      'Remote-MTA: dns; 127.0.0.1',
      'Diagnostic-Code: smtp; 451 4.7.1 Come back later',
    ])
      assert.ok(text.includes(`\r\n${line}\r\n`), `${line}\n${text}`)
    assert.match(text, /^Last-Attempt-Date: /m)
    assert.match(text, /^Will-Retry-Until: /m)
    assert.deepEqual(text.match(/^Final-Recipient: .*/gm), [
      'Final-Recipient: rfc822; later@example.net',
    ])
    assert.doesNotMatch(await arrivedReport('held@shop.example'), /^(Remote-MTA|Diagnostic)/m)
    await relay.kill()
    await relay.restart()
    const messageId = await send(relay, { to: ['later@example.net'], from: 'again@shop.example' })
    await outcomeOf(relay, messageId, 'delayed')
    for (const submitter of ['late@shop.example', 'held@shop.example', 'again@shop.example'])
      assert.equal(reportsTo(submitter).length, 1, submitter)
    const told = relay.events.seen.filter(({ type }) => type === 'message.delayed')
    assert.equal(told.length, 3)
    assert.deepEqual(reportsTo('bulk@shop.example'), [])
  })

  test('What a host did not say is not put into its mouth, also in a report of a wait', async () => {
    await sendBySmtp(relay, { mail: '<cut@shop.example>', rcpt: ['<cut-off@lost.example>'] })
    const text = await arrivedReport('cut@shop.example')
    assert.match(text, /^Diagnostic-Code: X-Posthaste; 4/m)
    assert.match(text, /^Remote-MTA: dns; 127\.0\.0\.1\r$/m)
    assert.match(text.replaceAll(/\s+/g, ' '), /At the last attempt: This mail system said: 4/)
  })
})
