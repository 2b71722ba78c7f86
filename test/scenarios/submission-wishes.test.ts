// SPDX-License-Identifier: Apache-2.0
/** What a submitter may ask for at MAIL, and what becomes of it: a later release, a priority, TLS all the way. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { QueueRow } from '../../src/control/queues/queue-views.ts'
import { outcomeOf, reportTo } from '../support/outcomes.ts'
import { PoliteReceiver } from '../support/polite-receiver.ts'
import { routeTo, trustLoopback } from '../support/relay-config.ts'
import { messageText, openSession, transact } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'
import type { SmtpDialog } from '../support/smtp-dialog.ts'

const HOUR_MS = 3_600_000

const running = new AsyncDisposableStack()
let receiver: PoliteReceiver
let relay: RunningRelay

before(async () => {
  receiver = running.use(
    await PoliteReceiver.start({
      keywords: ['PIPELINING', '8BITMIME', 'DSN', 'MT-PRIORITY'],
    }),
  )
  relay = running.use(
    await RunningRelay.start({
      domains: ['shop.example'],
      submission: 'clear_text_auth = "loopback"\nmax_future_release = "1d"\n',
      config: trustLoopback + routeTo(receiver.port),
    }),
  )
})

after(() => running.disposeAsync())

function idIn(reply: string): string {
  return /queued as (\w+)/.exec(reply)?.[1] ?? ''
}

async function logIn(dialog: SmtpDialog): Promise<void> {
  const login = Buffer.from(`\0me\0${relay.secret}`).toString('base64')
  assert.match(await dialog.say(`AUTH PLAIN ${login}`), /^235 /)
}

async function queue(domain: string): Promise<QueueRow | undefined> {
  const { queues } = (await relay.json('queue', 'list')) as { queues: readonly QueueRow[] }
  return queues.find((row) => row.domain === domain)
}

test('A message that is held for an hour waits for it, through a crash, until a person releases it', async () => {
  const asked = Date.now()
  let id = ''
  {
    await using dialog = await openSession(relay)
    id = idIn(
      await transact(dialog, {
        mail: '<orders@shop.example> HOLDFOR=3600',
        rcpt: ['<ann@held.example>'],
      }),
    )
  }
  for (const isCrashed of [false, true]) {
    if (isCrashed) {
      await relay.kill()
      await relay.restart()
    }
    const row = await queue('held.example')
    assert.equal(row?.waiting, 1)
    assert.equal(row.because, 'its time')
    const due = Date.parse(row.nextDueAt ?? '')
    assert.ok(due >= asked + HOUR_MS && due <= Date.now() + HOUR_MS, row.nextDueAt ?? 'none')
  }
  assert.equal(receiver.seen.length, 0)
  await relay.json('queue', 'retry', (await queue('held.example'))?.queue ?? '')
  await outcomeOf(relay, id, 'delivered')
})

test('A message is released when its time has come', async () => {
  await using dialog = await openSession(relay)
  const until = new Date(Date.now() + 2_000).toISOString()
  const reply = await transact(dialog, {
    mail: `<orders@shop.example> HOLDUNTIL=${until}`,
    rcpt: ['<ben@soon.example>'],
  })
  const { at } = await outcomeOf(relay, idIn(reply), 'delivered')
  assert.ok(at >= until, `${at} is before ${until}`)
})

test('A release beyond what EHLO names is refused, and the session goes on', async () => {
  await using dialog = await openSession(relay)
  assert.match(await dialog.say('EHLO c'), /\n250-FUTURERELEASE 86400 \d{4}-\d\d-\d\dT[\d:]+Z\n/)
  assert.match(await dialog.say('MAIL FROM:<orders@shop.example> HOLDFOR=86401'), /^501 5\.5\.4 /)
  assert.match(await dialog.say('MAIL FROM:<orders@shop.example> HOLDFOR=86400'), /^250 /)
})

test('A priority is said in Received and to the receiver, for whom we know', async () => {
  await using dialog = await openSession(relay)
  await logIn(dialog)
  const reply = await transact(dialog, {
    mail: '<orders@shop.example> MT-PRIORITY=4',
    rcpt: ['<cat@urgent.example>'],
  })
  await outcomeOf(relay, idIn(reply), 'delivered')
  const urgent = receiver.sentTo('cat@urgent.example')
  assert.match(urgent?.mail ?? '', / MT-PRIORITY=4$/)
  assert.match(urgent?.content ?? '', /\tfor <cat@urgent\.example>\r\n\tPRIORITY 4;\r\n/)
})

test('A priority of who is trusted by address alone is 0', async () => {
  await using dialog = await openSession(relay)
  const mail = 'MAIL FROM:<orders@shop.example> MT-PRIORITY=9'
  assert.match(await dialog.say(mail), /^250 2\.3\.6 /)
  assert.match(await dialog.say('RCPT TO:<dan@calm.example>'), /^250 /)
  assert.match(await dialog.say('DATA'), /^354 /)
  const reply = await dialog.say(`${messageText()}.`)
  await outcomeOf(relay, idIn(reply), 'delivered')
  const calm = receiver.sentTo('dan@calm.example')
  assert.doesNotMatch(`${calm?.mail}${calm?.content}`, /PRIORITY/)
})

test('REQUIRETLS bounces where the receiver has no TLS, and so does the report of it', async () => {
  await using dialog = await openSession(relay)
  assert.match(await dialog.say('MAIL FROM:<a@shop.example> REQUIRETLS'), /^555 5\.5\.4 /)
  assert.match(await dialog.say('STARTTLS'), /^220 /)
  await dialog.secure()
  assert.match(await dialog.say('EHLO c'), /\n250-REQUIRETLS\n/)
  const reply = await transact(dialog, {
    mail: '<tls@shop.example> REQUIRETLS',
    rcpt: ['<eve@clear.example>'],
  })
  const bounced = await outcomeOf(relay, idIn(reply), 'bounced')
  assert.equal(bounced.reply.enhanced, '5.7.10')
  assert.match(bounced.reply.text, /no TLS with 127\.0\.0\.1/)
  const report = await reportTo(relay, 'tls@shop.example')
  const again = await outcomeOf(relay, report.messageId, 'bounced')
  assert.equal(again.reply.enhanced, '5.7.10')
  assert.ok(!receiver.seen.some(({ rcpt }) => /eve@|tls@/.test(rcpt[0] ?? '')))
})
