// SPDX-License-Identifier: Apache-2.0
/** Records that the command line changes while the relay runs take effect at once; and who may send as whom. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ms } from '../../src/base/brand.ts'
import { SystemClock } from '../../src/base/clock.ts'
import type { ReceivedEvent } from '../../src/events/event.ts'
import { inTime } from '../support/in-time.ts'
import { relayBeforeSink } from '../support/relay-before-sink.ts'
import { messageText } from '../support/relay-mail.ts'
import type { RunningRelay } from '../support/running-relay.ts'
import { SmtpDialog } from '../support/smtp-dialog.ts'

const running = new AsyncDisposableStack()
let relay: RunningRelay

before(async () => {
  ;({ relay } = await relayBeforeSink(running, {
    // With their tenants, below.
    domains: [],
    submission: 'clear_text_auth = "loopback"',
    commands: [
      ['tenant', 'add', 'other'],
      ['domain', 'add', 'other.example', '--tenant', 'other'],
      ['domain', 'add', 'shop.example', '--tenant', 'default'],
    ],
  }))
})

after(() => running.disposeAsync())

async function loggedIn(secret: string, user: string): Promise<[SmtpDialog, string]> {
  const dialog = await SmtpDialog.open(relay.port)
  await dialog.reply()
  await dialog.say('EHLO client.example')
  const plain = Buffer.from(`\0${user}\0${secret}`).toString('base64')
  return [dialog, await dialog.say(`AUTH PLAIN ${plain}`)]
}

/** The reply to a message with this From field, by a credential of the tenant `default`. */
async function replyTo(from: string, secret = relay.secret, user = 'app'): Promise<string> {
  const [dialog, login] = await loggedIn(secret, user)
  await using _ = dialog
  if (!login.startsWith('235')) return login
  await dialog.say('MAIL FROM:<app@anywhere.example>')
  await dialog.say('RCPT TO:<ann@example.net>')
  await dialog.say('DATA')
  return await dialog.say(`${messageText().replace(/^From: .*/, `From: ${from}`)}.`)
}

/** Asks again until the reply fits; not too often, lest it be taken for guessing. */
async function replyBecomes(expected: RegExp, ask: () => Promise<string>): Promise<void> {
  const clock = new SystemClock()
  let last = await ask()
  const look = async () => {
    for (; !expected.test(last); last = await ask()) await clock.sleep(ms(400))
  }
  await inTime(look(), () => `expected ${expected}, got ${last}`)
}

for (const [what, from, expected] of [
  ['its own domain', 'a@shop.example', /^250 2\.0\.0 /],
  ['a subdomain of its own', '"Shop" <a@news.shop.example>', /^250 2\.0\.0 /],
  ['its domain in capitals', 'a@SHOP.Example', /^250 2\.0\.0 /],
  [
    'a domain that nobody has',
    'a@foreign.example',
    /^550 5\.7\.1 From domain foreign\.example is not/,
  ],
  ["another tenant's domain", 'a@other.example', /^550 5\.7\.1 From domain other\.example is not/],
  ['a name that only ends like its own', 'a@myshop.example', /^550 5\.7\.1 /],
  ['the domain above its own', 'a@example', /^550 5\.7\.1 /],
  [
    'two domains, one foreign',
    'a@shop.example, b@foreign.example\r\nSender: a@shop.example',
    /^550 5\.7\.1 From .*foreign/,
  ],
  [
    'somebody foreign for its own domain',
    'a@shop.example\r\nSender: b@foreign.example',
    /^550 5\.7\.1 Sender .*foreign/,
  ],
  ['several authors of whom none is the sender', 'a@shop.example, b@shop.example', /^550 5\.6\.0 /],
] as const)
  test(`A tenant that sends as ${what} gets ${expected.source.slice(1, 4)}`, async () => {
    assert.match(await replyTo(from), expected)
  })

for (const [user, stream] of [
  ['bulk', 'bulk'],
  ['BULK', 'bulk'],
  ['whoever', 'transactional'],
] as const)
  test(`Mail of user name ${user} goes to the stream ${stream}`, async () => {
    const reply = await replyTo('a@shop.example', relay.secret, user)
    const messageId = /[0-9A-Z]{26}/.exec(reply)?.[0]
    const received = await relay.waitForEvent(
      (event): event is ReceivedEvent =>
        event.type === 'message.received' && event.messageId === messageId,
    )
    assert.equal(received.stream, stream)
    assert.equal(received.tenant, 'default')
    assert.notEqual(received.credential, null)
  })

test('A secret that is wrong, or of nobody, is refused with 535 5.7.8', async () => {
  const wrong = `${relay.secret.slice(0, -1)}${relay.secret.endsWith('A') ? 'B' : 'A'}`
  for (const secret of [wrong, 'ph_nobody_0123456789', ''])
    assert.match(await replyTo('a@shop.example', secret), /^535 5\.7\.8 /)
})

test('A domain that is added or removed counts at once', async () => {
  assert.match(await replyTo('a@late.example'), /^550 5\.7\.1 /)
  await relay.json('domain', 'add', 'late.example', '--tenant', 'default')
  await replyBecomes(/^250 /, () => replyTo('a@late.example'))
  await relay.json('domain', 'remove', 'late.example')
  await replyBecomes(/^550 5\.7\.1 /, () => replyTo('a@late.example'))
})

test('A credential that is added or removed counts at once', async () => {
  const added = await relay.json('credential', 'add', '--label', 'late', '--tenant', 'default')
  const { id, secret } = added as { id: string; secret: string }
  await replyBecomes(/^250 /, () => replyTo('a@shop.example', secret))
  await relay.json('credential', 'remove', id)
  await replyBecomes(/^535 5\.7\.8 /, () => replyTo('a@shop.example', secret))
})

test('A tenant that is added while the relay runs sends mail of its own', async () => {
  await relay.json('tenant', 'add', 'young')
  await relay.json('domain', 'add', 'young.example', '--tenant', 'young')
  const added = await relay.json('credential', 'add', '--label', 'app', '--tenant', 'young')
  const { secret } = added as { secret: string }
  await replyBecomes(/^250 /, () => replyTo('a@young.example', secret))
  assert.match(await replyTo('a@shop.example', secret), /^550 5\.7\.1 /)
})
