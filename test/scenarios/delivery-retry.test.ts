// SPDX-License-Identifier: Apache-2.0
/** Mail that is put off: tried again by its stream's schedule, given up at its age limit, and reported where that is asked for. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { DeferredEvent, ExpiredEvent } from '../../src/events/event.ts'
import { outcomeOf } from '../support/outcomes.ts'
import { PoliteReceiver } from '../support/polite-receiver.ts'
import { routeTo, trustLoopback } from '../support/relay-config.ts'
import { send, sendBySmtp, type Transaction } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'

const waits = ['--retry-after', '100ms,300ms']
/** Long enough for the second attempt on a busy machine. */
const schedule = [...waits, '--expires-after', '5s']
const patient = ['stream', 'add', 'patient', '--kind', 'transactional', ...waits]
const quick = ['stream', 'add', 'quick', '--kind', 'transactional', '--default', ...schedule]
const news = ['stream', 'add', 'news', '--kind', 'bulk', ...schedule]

/** Mail that expires, all at the same time: from whom, as whom it names its recipient, and the reports of it. */
const doomed = [
  ['a plain recipient', '<sad@shop.example>', '<never@example.net>', 1],
  ['NOTIFY=NEVER', '<quiet@shop.example>', '<never@example.net> NOTIFY=NEVER', 0],
  ['NOTIFY=SUCCESS', '<glad@shop.example>', '<never@example.net> NOTIFY=SUCCESS', 0],
  ['NOTIFY=FAILURE', '<asks@shop.example>', '<never@example.net> NOTIFY=SUCCESS,FAILURE', 1],
  ['a null reverse-path', '<>', '<never@example.net>', 0],
] as const
/** By reverse-path. */
const ids = new Map<string, string>()
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
  for (const [, mail, rcpt] of doomed) ids.set(mail, await submit({ mail, rcpt: [rcpt] }))
  const bulk = { to: ['never@example.net'], from: 'bulk@shop.example', stream: 'news' }
  ids.set('<bulk@shop.example>', await send(relay, bulk))
})

after(() => running.disposeAsync())

/** Reports are accepted before the outcome that they report is written. */
function reportsTo(submitter: string): number {
  return relay.events.seen.filter(
    (event) => event.type === 'message.received' && event.recipients[0] === submitter,
  ).length
}

/** Hands in by SMTP; resolves with the id of the message. */
async function submit(transaction: Transaction): Promise<string> {
  const reply = await sendBySmtp(relay, transaction)
  const messageId = /[0-9A-Z]{26}/.exec(reply)?.[0]
  assert.ok(messageId, reply)
  return messageId
}

function expiryOf(mail: string): Promise<ExpiredEvent> {
  return outcomeOf(relay, ids.get(mail) ?? '', 'expired')
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

test('Mail over its age limit expires with its last reply', async () => {
  const expired = await expiryOf('<sad@shop.example>')
  assert.equal(expired.lastReply?.text, 'Come back later')
  assert.ok(expired.attempts >= 2)
})

test('Nobody is told of bulk mail that expires', async () => {
  await expiryOf('<bulk@shop.example>')
  assert.equal(reportsTo('bulk@shop.example'), 0)
})

for (const [what, mail, , reports] of doomed)
  test(`With ${what} failed mail makes ${reports === 0 ? 'no report' : 'a report'}`, async () => {
    await expiryOf(mail)
    assert.equal(reportsTo(mail.slice(1, -1)), reports)
  })

test('Mail from the null reverse-path keeps it on the way out', async () => {
  const messageId = await submit({ mail: '<>', rcpt: ['<anybody@example.net>'] })
  await outcomeOf(relay, messageId, 'delivered')
  const out = receiver.sentTo('anybody')
  assert.match(out?.mail ?? '', /^MAIL FROM:<>/)
})
