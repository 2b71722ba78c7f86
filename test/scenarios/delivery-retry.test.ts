// SPDX-License-Identifier: Apache-2.0
/** Mail that is put off: tried again by its stream's schedule, given up at its age limit, and reported where that is asked for. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { DeferredEvent } from '../../src/events/event.ts'
import { type OutcomeName, outcomeOf } from '../support/outcomes.ts'
import { PoliteReceiver } from '../support/polite-receiver.ts'
import { routeTo, trustLoopback } from '../support/relay-config.ts'
import { send, sendBySmtp, type Transaction } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'

const waits = ['--retry-after', '100ms,300ms']
/** Long enough for the second attempt on a busy machine. */
const schedule = [...waits, '--expires-after', '3s']
const patient = ['stream', 'add', 'patient', '--kind', 'transactional', ...waits]
const quick = ['stream', 'add', 'quick', '--kind', 'transactional', '--default', ...schedule]
const news = ['stream', 'add', 'news', '--kind', 'bulk', ...schedule]

const refusals = new Map<string, number>()
const running = new AsyncDisposableStack()
let receiver: PoliteReceiver
let relay: RunningRelay

before(async () => {
  receiver = running.use(
    await PoliteReceiver.start({
      answer: (line) => {
        const name = /^RCPT TO:<(never|twice)/.exec(line)?.[1]
        if (name === undefined) return undefined
        const before = refusals.get(line) ?? 0
        refusals.set(line, before + 1)
        return name === 'never' || before < 2 ? '451 4.7.1 Come back later' : undefined
      },
    }),
  )
  relay = running.use(
    await RunningRelay.start({
      domains: ['shop.example'],
      commands: [quick, news, patient],
      config: trustLoopback + routeTo(receiver.port),
    }),
  )
})

after(() => running.disposeAsync())

/** Reports are accepted before the outcome that they report is written. */
function reportsTo(submitter: string): number {
  return relay.events.seen.filter(
    (event) => event.type === 'message.received' && event.recipients[0] === submitter,
  ).length
}

/** Hands in by SMTP; resolves with the first such outcome. */
async function submit(transaction: Transaction, name: OutcomeName) {
  const reply = await sendBySmtp(relay, transaction)
  const messageId = /[0-9A-Z]{26}/.exec(reply)?.[0]
  assert.ok(messageId, reply)
  return await outcomeOf(relay, messageId, name)
}

test('Mail that is put off is tried again when its schedule says so, and delivered', async () => {
  const messageId = await send(relay, { to: ['twice@example.net'], stream: 'patient' })
  const { attempt } = await outcomeOf(relay, messageId, 'delivered')
  assert.equal(attempt, 3)
  const deferrals = relay.events.seen.filter(
    (event): event is DeferredEvent =>
      event.type === 'message.deferred' && event.messageId === messageId,
  )
  const waited = deferrals.map(
    ({ at, nextAttemptAt }) => Date.parse(nextAttemptAt) - Date.parse(at),
  )
  assert.equal(waited.length, 2)
  for (const [at, expected] of [100, 300].entries())
    assert.ok(Math.abs((waited[at] ?? 0) - expected) <= expected / 10 + 1, `waits ${waited}`)
  assert.equal(deferrals[0]?.reply.text, 'Come back later')
})

test('Mail over its age limit expires with its last reply, and its submitter gets a report', async () => {
  const to = ['never@example.net']
  const messageId = await send(relay, { to, from: 'sad@shop.example' })
  const expired = await outcomeOf(relay, messageId, 'expired')
  assert.equal(expired.lastReply?.text, 'Come back later')
  assert.ok(expired.attempts >= 2)
  assert.equal(reportsTo('sad@shop.example'), 1)
})

test('Nobody is told of bulk mail that expires', async () => {
  const to = ['never@example.net']
  const messageId = await send(relay, { to, from: 'bulk@shop.example', stream: 'news' })
  await outcomeOf(relay, messageId, 'expired')
  assert.equal(reportsTo('bulk@shop.example'), 0)
})

for (const [what, mail, rcpt, reports] of [
  ['NOTIFY=NEVER', '<quiet@shop.example>', '<never@example.net> NOTIFY=NEVER', 0],
  ['NOTIFY=SUCCESS', '<glad@shop.example>', '<never@example.net> NOTIFY=SUCCESS', 0],
  ['NOTIFY=FAILURE', '<asks@shop.example>', '<never@example.net> NOTIFY=SUCCESS,FAILURE', 1],
  ['a null reverse-path', '<>', '<never@example.net>', 0],
] as const)
  test(`With ${what} failed mail makes ${reports === 0 ? 'no report' : 'a report'}`, async () => {
    await submit({ mail, rcpt: [rcpt] }, 'expired')
    assert.equal(reportsTo(mail.slice(1, -1)), reports)
  })

test('Mail from the null reverse-path keeps it on the way out', async () => {
  await submit({ mail: '<>', rcpt: ['<anybody@example.net>'] }, 'delivered')
  const out = receiver.sentTo('anybody')
  assert.match(out?.mail ?? '', /^MAIL FROM:<>/)
})
