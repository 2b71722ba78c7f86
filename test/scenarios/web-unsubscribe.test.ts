// SPDX-License-Identifier: Apache-2.0
/** One click (RFC 8058), with two workers: the mail that offers it passes a strict gate, and whichever worker takes the click, the one that has the message writes it down. */
import assert from 'node:assert/strict'
import { request } from 'node:https'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { ZoneServer } from '../../src/dns/zone-server.ts'
import type { MessageId } from '../../src/events/ids.ts'
import { outcomeOf } from '../support/outcomes.ts'
import { relayBeforeSink } from '../support/relay-before-sink.ts'
import { namesFrom } from '../support/relay-config.ts'
import { send } from '../support/relay-mail.ts'
import { untilSuppressed } from '../support/returned-mail.ts'
import type { RunningRelay } from '../support/running-relay.ts'
import type { RunningSink } from '../support/running-sink.ts'

const WEB = '[web]\naddress = "127.0.0.1:0"\nurl = "https://links.relay.example"\n'

const running = new AsyncDisposableStack()
let relay: RunningRelay
let sink: RunningSink

before(async () => {
  const zone = running.use(await ZoneServer.start({ zone: 'client.example TXT "v=spf1 -all"' }))
  ;({ relay, sink } = await relayBeforeSink(running, {
    config: `${namesFrom(zone)}\n${WEB}`,
    commands: [['stream', 'change', 'bulk', '--add-unsubscribe']],
    serve: ['--workers', '2'],
  }))
})
after(() => running.disposeAsync())

/** What the receiver got of a message of its own. */
async function received(to: string): Promise<{ readonly id: string; readonly content: string }> {
  const id = await send(relay, { to: [to], stream: 'bulk' })
  await outcomeOf(relay, id, 'delivered')
  const found = sink.messages.findLast(({ recipients }) => recipients.includes(to))
  assert.ok(found)
  return { id, content: String(found.content).replaceAll(/\r\n[ \t]+/g, ' ') }
}

/** By a connection of its own, so that it comes to any of the workers. */
async function ask(path: string, body: string | null): Promise<{ status: number; body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>()
  const sent = request(
    {
      ...{ host: '127.0.0.1', port: relay.portOf('web'), path, agent: false },
      method: body === null ? 'GET' : 'POST',
      rejectUnauthorized: false,
      headers: {
        host: 'links.relay.example',
        'content-type': 'application/x-www-form-urlencoded',
      },
    },
    (answer) =>
      text(answer).then((body) => resolve({ status: answer.statusCode ?? 0, body }), reject),
  )
  sent.once('error', reject)
  sent.end(body)
  return promise
}

test('A mail says where one click is enough, signed; the click counts once, whoever takes it, and keeps its recipient from more', async () => {
  const clicked: string[] = []
  for (const name of ['one', 'two', 'three', 'four']) {
    const { content, id } = await received(`${name}@example.net`)
    const [, path = ''] =
      /^List-Unsubscribe: <https:\/\/links\.relay\.example(\/u\/[0-9a-z]{60}\/shop\.example)>, <mailto:/m.exec(
        content,
      ) ?? []
    assert.match(content, /^List-Unsubscribe-Post: List-Unsubscribe=One-Click\r$/m)
    const signed = /^DKIM-Signature:.*?\bh=([^;]+);/m.exec(content)?.[1]?.replaceAll(/\s/g, '')
    for (const field of ['list-unsubscribe', 'list-unsubscribe-post'])
      assert.equal(signed?.split(':').filter((one) => one === field).length, 2)
    assert.match((await ask(path, null)).body, /Unsubscribe from shop\.example\?/)
    for (let time = 0; time < 3; time++) {
      const answer = await ask(path, 'List-Unsubscribe=One-Click')
      assert.equal(answer.status, 200)
      assert.match(answer.body, /You are unsubscribed/)
    }
    clicked.push(id)
  }
  for (const id of clicked) {
    const { events } = (await relay.json('trace', id)) as {
      events: readonly { type: string; by?: string; messageId: MessageId }[]
    }
    const wishes = events.filter(({ type }) => type === 'message.unsubscribed')
    assert.deepEqual(
      wishes.map(({ by }) => by),
      ['one-click'],
    )
  }
  await untilSuppressed(relay, 'one@example.net')
  const again = await send(relay, { to: ['one@example.net'], stream: 'bulk' })
  assert.equal((await outcomeOf(relay, again, 'suppressed')).reason, 'unsubscribe')
})

test('Its mail has what a gate asks of bulk beyond the domain', async () => {
  const { id } = await received('gate@example.net')
  const { events } = (await relay.json('trace', id)) as {
    events: readonly { type: string; warned?: readonly string[] }[]
  }
  const { warned = [] } = events.find(({ type }) => type === 'message.received') ?? {}
  assert.ok(!warned.includes('one-click'), `warned: ${warned.join(', ')}`)
  assert.ok(warned.includes('domain'), 'the gate was asked')
})
