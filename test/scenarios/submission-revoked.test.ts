// SPDX-License-Identifier: Apache-2.0
/** What a credential still may that was disabled or removed, whichever worker its sessions are with. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Event } from '../../src/events/event.ts'
import { journalOf, type MessageId } from '../../src/events/ids.ts'
import { routeTo } from '../support/relay-config.ts'
import { messageText, openSession, transact } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { startSink } from '../support/running-sink.ts'
import type { SmtpDialog } from '../support/smtp-dialog.ts'

/** So many that each worker has some: one of them has all once in 2,000 times. */
const SESSIONS = 12
const CLOSED = /^421 4\.7\.0 .*credential/

let sink: Awaited<ReturnType<typeof startSink>>
let relay: RunningRelay

before(async () => {
  sink = await startSink()
  relay = await RunningRelay.start({
    config: routeTo(sink.port),
    domains: ['shop.example'],
    submission: 'clear_text_auth = "loopback"',
    serve: ['--workers', '2'],
  })
})

after(async () => {
  await relay?.[Symbol.asyncDispose]()
  await sink?.[Symbol.asyncDispose]()
})

async function logIn({ id, secret }: Made, expected = /^235 /): Promise<SmtpDialog> {
  const dialog = await openSession(relay)
  const identity = Buffer.from(`\0${id}\0${secret}`).toString('base64')
  assert.match(await dialog.say(`AUTH PLAIN ${identity}`), expected)
  return dialog
}

interface Made {
  readonly id: string
  readonly secret: string
}

async function add(): Promise<Made> {
  return (await relay.json('credential', 'add', '--label', 'web', '--tenant', 'default')) as Made
}

const FROM = 'MAIL FROM:<orders@shop.example>'
const TO = 'RCPT TO:<jane@example.net>'

for (const end of ['disable', 'remove'])
  test(`To ${end} a credential ends its sessions with every worker, and what had got its 250 is delivered`, async () => {
    const own = await add()
    const neighbour = await logIn(await add())
    const dialogs: SmtpDialog[] = []
    const taken: string[] = []
    for (let at = 0; at < SESSIONS; at++) {
      const dialog = await logIn(own)
      dialogs.push(dialog)
      const answer = await transact(dialog, {
        mail: '<orders@shop.example>',
        rcpt: ['<ok@example.net>'],
        content: messageText(),
      })
      taken.push(/queued as (\w{26})/.exec(answer)?.[1] ?? answer)
      // Of each three one rests, one has named its recipients, one is in the middle of its content.
      if (at % 3 > 0) for (const line of [FROM, TO]) assert.match(await dialog.say(line), /^250 /)
      if (at % 3 > 1) {
        assert.match(await dialog.say('DATA'), /^354 /)
        dialog.send('Subject: never whole\r\n')
      }
    }
    assert.equal(new Set(taken.map((id) => journalOf(id as MessageId))).size, 2)
    await relay.json('credential', end, own.id)
    for (const dialog of dialogs) assert.match(await dialog.rest(), CLOSED)
    const open = new Set(taken)
    await relay.waitForEvent((event: Event) => {
      if (event.type === 'message.delivered') open.delete(event.messageId)
      return open.size === 0
    })
    assert.match(await neighbour.say('NOOP'), /^250 /, 'nobody else is cut off')
    await neighbour[Symbol.asyncDispose]()
    await using _again = await logIn(own, /^535 /)
    if (end === 'remove') return
    await relay.json('credential', 'enable', own.id)
    await using _enabled = await logIn(own)
  })
