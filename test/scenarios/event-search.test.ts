// SPDX-License-Identifier: Apache-2.0
/** Events found and followed through the API, by one process and by several. */

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { until } from '../support/in-time.ts'
import { routeTo, trustLoopback } from '../support/relay-config.ts'
import { sendBySmtp } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { type RunningSink, startSink } from '../support/running-sink.ts'
import { readStream } from '../support/sent-events.ts'

for (const serve of [[], ['--workers', '2']])
  describe(`events of a relay ${serve.length === 0 ? 'that is one process' : 'of several processes'}`, () => {
    let sink: RunningSink | undefined
    let relay: RunningRelay
    let admin: string
    let stranger: string
    let id: string

    before(async () => {
      sink = await startSink({})
      relay = await RunningRelay.start({
        config: `${routeTo(sink.port)}\n${trustLoopback}`,
        domains: ['shop.example'],
        commands: [['tenant', 'add', 'stranger']],
        serve,
      })
      admin = await secretOf('--installation')
      stranger = await secretOf('--tenant', 'stranger')
      const reply = await sendBySmtp(relay, {
        mail: '<orders@shop.example>',
        rcpt: ['<Jane@example.net>'],
      })
      id = /queued as (\w{26})/.exec(reply)?.[1] ?? ''
      await relay.waitForEvent((event) => event.type === 'message.delivered')
      await untilFound(`/events?message=${id}`, 2)
    })

    after(async () => {
      await relay?.[Symbol.asyncDispose]()
      await sink?.[Symbol.asyncDispose]()
    })

    it('finds them by message, by recipient and by type, for whom they belong to', async () => {
      for (const [query, types] of [
        [`message=${id}`, ['message.delivered', 'message.received']],
        ['recipient=jane@EXAMPLE.net', ['message.delivered', 'message.received']],
        ['type=delivered', ['message.delivered']],
        ['type=deliv*,report.*', ['message.delivered']],
        ['type=delivered&recipient=eve@example.net', []],
        [`message=${id}&sort=at&limit=1`, ['message.received']],
      ] as const) {
        const { items } = await ask(admin, `/events?${query}`)
        assert.deepEqual(
          items.map(({ type }: { type: string }) => type),
          types,
          query,
        )
      }
      assert.deepEqual((await ask(stranger, `/events?message=${id}`)).items, [])
      assert.equal((await ask(stranger, `/messages/${id}/events`)).code, 'RLY_MESSAGE_UNKNOWN')
      const refused = await ask(admin, '/events?message=nonsense')
      assert.match(refused.detail, /"nonsense" is not a message id/)
      const mistyped = await ask(admin, '/events?type=bonced')
      assert.match(mistyped.detail, /no event "message\.bonced"; did you mean "message\.bounced"\?/)
      const tail = await relay.cli('tail', '--type', 'delivered,bonced')
      assert.match(tail.stderr, /did you mean "message\.bounced"\?/)
    })

    it('goes on page by page, by cursors that say nothing of where other events are', async () => {
      const first = await ask(admin, `/events?message=${id}&sort=at&limit=1`)
      assert.doesNotMatch(String(Buffer.from(first.nextCursor, 'base64url')), /\d{5}/)
      const query = `message=${id}&sort=at&limit=1&cursor=${first.nextCursor}`
      assert.equal((await ask(admin, `/events?${query}`)).items[0].type, 'message.delivered')
      const made = Buffer.from('1798675200000.1.5').toString('base64url')
      for (const path of ['/events', '/messages'])
        assert.match((await ask(admin, `${path}?cursor=${made}`)).detail, /expected the nextCursor/)
    })

    it('finds messages by recipient, and says what became of them', async () => {
      const { items } = await ask(admin, '/messages?recipient=jane@example.net')
      assert.equal(items.length, 1)
      assert.equal(items[0].id, id)
      const [{ recipient, state }] = items[0].recipients
      assert.deepEqual([recipient.toLowerCase(), state], ['jane@example.net', 'delivered'])
      const { stdout } = await relay.cli('search', 'jane@example.net')
      assert.match(stdout, /delivered/)
      const events = await relay.cli('events', '--recipient', 'jane@example.net', '--json')
      assert.equal(events.stdout.trim().split('\n').length, 2)
    })

    it('streams them no longer than the key is good', async () => {
      const made = (await relay.json(
        ...['key', 'add', '--label', 'reader', '--scope', 'read', '--installation'],
      )) as { id: string; secret: string }
      const stream = await fetch(`${relay.api}/events/stream?message=${id}&after=oldest`, {
        headers: { authorization: `Bearer ${made.secret}` },
      })
      assert.equal(stream.status, 200)
      await relay.json('key', 'remove', made.id)
      await relay.json('queue', 'suspend', 'quiet*', '--reason', 'so that something happens')
      // Only its end ends that.
      await stream.text()
    })

    it('streams them from a position on, as often as a client comes back', async () => {
      const all = await readStream(relay.api, admin, 'after=oldest&type=received,delivered', 2)
      assert.deepEqual(
        all.map(({ event }) => event),
        ['message.received', 'message.delivered'],
      )
      const again = await readStream(relay.api, admin, 'type=received,delivered', 1, all[0]?.id)
      assert.deepEqual(again, all.slice(1))
      const coming = readStream(
        relay.api,
        admin,
        'type=received&recipient=joe@example.net',
        1,
        all[1]?.id,
      )
      await sendBySmtp(relay, { mail: '<orders@shop.example>', rcpt: ['<joe@example.net>'] })
      assert.equal((await coming)[0]?.data.recipients[0], 'joe@example.net')
      const foreign = await readStream(relay.api, stranger, 'after=oldest', 0)
      assert.deepEqual(foreign, [])
    })

    async function secretOf(...options: readonly string[]): Promise<string> {
      const made = await relay.json('key', 'add', '--label', 'test', '--scope', 'admin', ...options)
      return (made as { secret: string }).secret
    }

    // biome-ignore lint/suspicious/noExplicitAny: whatever the relay says.
    async function ask(key: string, path: string): Promise<any> {
      const headers = { authorization: `Bearer ${key}` }
      return (await fetch(relay.api + path, { headers })).json()
    }

    async function untilFound(path: string, count: number): Promise<void> {
      await until(
        async () => (await ask(admin, path)).items?.length === count,
        () => `${path} never has ${count}`,
      )
    }
  })
