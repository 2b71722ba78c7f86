// SPDX-License-Identifier: Apache-2.0
/** The command line against a relay elsewhere, with a key of one tenant: sending, and seeing what comes of it. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { after, before, test } from 'node:test'
import { program } from '../support/command-line.ts'
import { routeTo } from '../support/relay-config.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { type RunningSink, startSink } from '../support/running-sink.ts'
import { readStream } from '../support/sent-events.ts'

const running = new AsyncDisposableStack()
let sink: RunningSink
let relay: RunningRelay
let key: string
let url: string

before(async () => {
  sink = running.use(await startSink())
  relay = running.use(
    await RunningRelay.start({ config: routeTo(sink.port), domains: ['shop.example'] }),
  )
  key = await relay.newKey('default', 'send', 'read')
  process.env['POSTHASTE_KEY'] = key
  url = new URL(relay.api).origin
})

after(() => running.disposeAsync())

function delivered(id: string): Promise<unknown> {
  return relay.waitForEvent((event) => event.type === 'message.delivered' && event.messageId === id)
}

test('sends a message, and traces it to its receiver', async () => {
  const letter = ['--from', 'a@shop.example', '--to', 'b@example.net', '--text', 'Hello.']
  const sent = (await relay.json('send', ...letter, '--url', url)) as { messageId: string }
  await delivered(sent.messageId)
  const { events } = (await relay.json('trace', sent.messageId, '--url', url)) as {
    events: readonly { type: string }[]
  }
  assert.deepEqual(
    events.map(({ type }) => type),
    ['message.received', 'message.delivered'],
  )
})

test('tail shows what happens there, filtered', async () => {
  const args = ['tail', '--type', 'delivered', '--from-start', '--json', '--url', url]
  const env = { ...process.env, POSTHASTE_KEY: key }
  const tail = spawn(process.execPath, [program, ...args], { cwd: relay.folder, env })
  try {
    const lines = createInterface({ input: tail.stdout })[Symbol.asyncIterator]()
    const first = JSON.parse(String((await lines.next()).value))
    assert.deepEqual([first.type, first.tenant], ['message.delivered', 'default'])
  } finally {
    tail.kill()
  }
})

test('tail without a key, or with a bad one, says so', async () => {
  for (const bad of ['', 'ph_AAAAAAAAAA_x']) {
    process.env['POSTHASTE_KEY'] = bad
    const { code, stderr } = await relay.cli('tail', '--url', url)
    assert.notEqual(code, 0)
    assert.match(stderr, bad === '' ? /set POSTHASTE_KEY/ : /this key is not good here/)
  }
  process.env['POSTHASTE_KEY'] = key
})

test('A stream of events is narrowed to a stream, a campaign and a tag', async () => {
  const send = async (more: object): Promise<string> => {
    const letter = { from: 'a@shop.example', to: 'c@example.net', subject: 'x', text: 'x' }
    return (await relay.ask('POST', '/messages', key, { ...letter, ...more })).body.id
  }
  await delivered(await send({ tags: ['other'] }))
  const tagged = await send({ tags: ['welcome', 'two'], campaign: 'spring', stream: 'bulk' })
  await delivered(tagged)
  await delivered(await send({ tags: ['other'], stream: 'bulk' }))
  for (const query of ['tag=welcome', 'campaign=spring', 'stream=bulk&tag=two']) {
    const seen = await readStream(relay.api, key, `after=oldest&${query}`, 2)
    assert.deepEqual(
      seen.map(({ event, data }) => [event, data.messageId]),
      [
        ['message.received', tagged],
        ['message.delivered', tagged],
      ],
      query,
    )
  }
  const ends = await readStream(relay.api, key, 'after=oldest&tag=welcome&type=delivered', 1)
  assert.equal(ends[0]?.data.messageId, tagged)
})
