// SPDX-License-Identifier: Apache-2.0
/** Several workers are one API at one port: what sends is answered by each of them, all else by control. */
import assert from 'node:assert/strict'
import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { messages } from '../../src/api/channel/messages.ts'
import { ControlClient } from '../../src/api/control-client.ts'
import { controlSocketFile } from '../../src/app/data-files.ts'
import { ms } from '../../src/base/brand.ts'
import { SystemClock } from '../../src/base/clock.ts'
import type { DeskStatus } from '../../src/control/desk/mail-desk.ts'
import type { Event } from '../../src/events/event.ts'
import { journalOf, type MessageId } from '../../src/events/ids.ts'
import { until } from '../support/in-time.ts'
import { relayBeforeSink } from '../support/relay-before-sink.ts'
import type { RunningRelay } from '../support/running-relay.ts'

const MESSAGES = 24

const running = new AsyncDisposableStack()
let relay: RunningRelay
let key: string
let admin: string

before(async () => {
  ;({ relay } = await relayBeforeSink(running, {
    serve: ['--workers', '2'],
  }))
  key = await relay.newKey('default')
  admin = await relay.newKey('default', 'admin')
})

after(() => running.disposeAsync())

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  // biome-ignore lint/suspicious/noExplicitAny: whatever the relay says.
  readonly body: any
}

/** Each by a connection of its own, which may reach another worker. */
function ask(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
  secret = key,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(
      relay.api + path,
      {
        ...{ method, agent: false },
        headers: {
          authorization: `Bearer ${secret}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
      },
      async (answer) => {
        const { headers: fields, statusCode = 0 } = answer
        const said = await text(answer)
        resolve({
          status: statusCode,
          headers: fields,
          body: said === '' ? null : JSON.parse(said),
        })
      },
    )
    asked.once('error', reject)
    asked.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

const message = (to: string) => ({ from: 'a@shop.example', to, subject: 'Hello', text: 'Hello.' })

async function sendMany(to: string): Promise<MessageId[]> {
  const answers = await Promise.all(
    Array.from({ length: MESSAGES }, () => ask('POST', '/messages', message(to))),
  )
  for (const { status, body } of answers) assert.equal(status, 202, JSON.stringify(body))
  return answers.map(({ body }) => body.id)
}

/** Asked of control, which may have ended in between: it takes the feed of events along. */
async function untilShown(id: MessageId, type: string): Promise<void> {
  let last: unknown
  await until(
    async () => {
      const { body, status } = await ask('GET', `/messages/${id}`)
      last = body
      return status === 200 && body.events.some((event: Event) => event.type === type)
    },
    () => `${id}: ${JSON.stringify(last)}`,
  )
}

async function untilDelivered(ids: readonly MessageId[]): Promise<void> {
  const open = new Set<string>(ids)
  await relay.waitForEvent((event) => {
    if (event.type === 'message.delivered') open.delete(event.messageId)
    return open.size === 0
  })
}

test('Several workers take what is sent over HTTP, at one port', async () => {
  const ids = await sendMany('many@example.net')
  assert.equal(new Set(ids.map((id) => journalOf(id))).size, 2, 'both workers took some')
  await untilDelivered(ids)
  await untilShown(ids[0] as MessageId, 'message.delivered')
})

test('What control answers has the same port, key, limits and problems', async () => {
  const listed = await ask('GET', '/streams')
  assert.deepEqual([listed.status, listed.body.items[0].tenant], [200, 'default'])
  assert.match(String(listed.headers['ratelimit']), /^"key";r=\d+;t=\d+$/)
  const made = await ask('POST', '/suppressions', { recipient: 'no@example.net' })
  assert.equal(made.status, 403)
  assert.match(String(made.headers['content-type']), /^application\/problem\+json/)
  const unknown = await ask('GET', '/nothing/here')
  assert.deepEqual([unknown.status, unknown.body.code], [404, 'RLY_ROUTE_UNKNOWN'])
  const foreign = await ask('GET', '/streams', undefined, {}, 'ph_nobody')
  assert.deepEqual([foreign.status, foreign.body.code], [401, 'RLY_UNAUTHENTICATED'])
})

test('An answer of control that comes before it has read the request still reaches the client', async () => {
  const recipients = Array.from({ length: 2_000 }, (_, index) => `no${index}@example.net`)
  const answers = await Promise.all(
    Array.from({ length: 40 }, () => ask('POST', '/suppressions', { recipients })),
  )
  for (const { body, status } of answers) assert.equal(status, 403, JSON.stringify(body))
})

test('The address of a client reaches control, and a client cannot make one up', async () => {
  const options = ['--label', 'elsewhere', '--tenant', 'default', '--from', '192.0.2.1/32']
  const { secret } = (await relay.json('key', 'add', ...options)) as { secret: string }
  const claim = { 'x-posthaste-peer': '192.0.2.1', 'x-forwarded-for': '192.0.2.1' }
  for (const path of ['/streams', '/messages'])
    assert.equal((await ask('GET', path, undefined, claim, secret)).status, 401)
  const here = ['--label', 'here', '--tenant', 'default', '--from', '127.0.0.1/32']
  const own = (await relay.json('key', 'add', ...here)) as { secret: string }
  assert.equal((await ask('GET', '/streams', undefined, {}, own.secret)).status, 200)
})

test('A request that is sent again with its key to any worker is carried out once', async () => {
  const keyed = { 'idempotency-key': 'any-worker' }
  const first = await ask('POST', '/messages', message('once@example.net'), keyed)
  const again = await Promise.all(
    Array.from({ length: 8 }, () => ask('POST', '/messages', message('once@example.net'), keyed)),
  )
  for (const { status, body, headers } of again)
    assert.deepEqual([status, body, headers['idempotency-replayed']], [202, first.body, 'true'])
  const other = await Promise.all(
    Array.from({ length: 8 }, () => ask('POST', '/messages', message('b@example.net'), keyed)),
  )
  assert.ok(other.every(({ body, status }) => status === 409 && body.code === 'RLY_IDEMPOTENCY'))
})

test('Events come through a worker as they happen', async () => {
  const following = new AbortController()
  const answer = await fetch(`${relay.api}/events/stream`, {
    headers: { authorization: `Bearer ${key}` },
    signal: following.signal,
  })
  assert.match(String(answer.headers.get('content-type')), /^text\/event-stream/)
  const { body } = await ask('POST', '/messages', message('followed@example.net'))
  const decoder = new TextDecoder()
  let seen = ''
  for await (const chunk of answer.body ?? []) {
    seen += decoder.decode(chunk as Uint8Array, { stream: true })
    if (seen.includes(body.id) && seen.includes('message.delivered')) break
  }
  following.abort()
  assert.ok(seen.includes(body.id))
})

test('While control is away mail is taken, and all else is told to come later', async () => {
  const before = (await status()).pid
  process.kill(before, 'SIGKILL')
  const ids: MessageId[] = []
  let isAway = false
  const clock = new SystemClock()
  for (let turn = 0; turn < 200; turn++) {
    const sent = await ask('POST', '/messages', message('away@example.net'))
    assert.equal(sent.status, 202, JSON.stringify(sent.body))
    ids.push(sent.body.id)
    const listed = await ask('GET', '/streams')
    if (listed.status === 503) {
      isAway = true
      assert.equal(listed.body.code, 'RLY_BUSY')
      assert.equal(listed.headers['retry-after'], '5')
    } else if (isAway && listed.status === 200) break
    await clock.sleep(ms(20))
  }
  assert.ok(isAway, 'control was seen away')
  // Its own socket comes a moment after its API.
  const { pid } = await until(
    () => status().catch(() => null),
    () => relay.log,
  )
  assert.notEqual(pid, before)
  for (const id of ids) await untilShown(id, 'message.delivered')
})

test('A worker that ends answers what it has in hand', async () => {
  const sent = Array.from({ length: MESSAGES }, () =>
    ask('POST', '/messages', message('last@example.net')).catch(() => null),
  )
  const answers = await Promise.all(sent)
  await relay.stop()
  const taken = answers.flatMap((answer) => (answer?.status === 202 ? [answer.body.id] : []))
  assert.ok(taken.length > 0)
  await relay.restart(['--workers', '2'])
  await untilDelivered(taken)
})

function status(): Promise<DeskStatus> {
  return new ControlClient(controlSocketFile(relay.dataDir)).ask(messages.status, {})
}

/** What a client that asks first is told: `100` where it may send its body, then the status. */
function asking(path: string, secret: string, body: string, length = body.length) {
  return new Promise<readonly (number | string)[]>((resolve, reject) => {
    const told: (number | string)[] = []
    const headers = {
      ...{ authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      ...{ 'content-length': length, expect: '100-continue' },
    }
    const sent = request(relay.api + path, { method: 'POST', agent: false, headers })
    sent.once('error', reject)
    sent.once('continue', () => {
      told.push(100)
      sent.end(body)
    })
    sent.once('response', (answer) => {
      told.push(answer.statusCode ?? 0, String(answer.headers.connection))
      answer.resume()
      answer.once('end', () => {
        sent.destroy()
        resolve(told)
      })
    })
    sent.flushHeaders()
  })
}

test('A client that asks before it sends a body is told at once where it need not, by a worker and by control', async () => {
  const letter = {
    from: 'a@shop.example',
    to: 'b@example.net',
    subject: 'x',
    text: 'x'.repeat(900_000),
  }
  const mail = JSON.stringify(letter)
  const entries = JSON.stringify({ entries: [{ address: 'x@example.net', note: 'y' }] })
  for (const [path, body] of [
    ['/messages', mail],
    ['/suppressions', entries],
  ] as const) {
    assert.deepEqual(
      (await asking(path, 'ph_AAAAAAAAAA_x', body)).slice(0, 2),
      [401, 'close'],
      path,
    )
    const most = await asking(path, admin, body, 500_000_000)
    assert.deepEqual(most.slice(0, 2), [413, 'close'], path)
    const [first, second] = await asking(path, admin, body)
    assert.deepEqual([first, second], [100, path === '/messages' ? 202 : 201], path)
  }
})
