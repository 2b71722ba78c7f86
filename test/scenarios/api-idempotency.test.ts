// SPDX-License-Identifier: Apache-2.0
/** Requests with an Idempotency-Key: done once, however often they are sent. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { routes } from '../../src/api/routes.ts'
import { storeFile } from '../../src/app/data-files.ts'
import { relayBeforeSink } from '../support/relay-before-sink.ts'
import type { RunningRelay } from '../support/running-relay.ts'
import type { RunningSink } from '../support/running-sink.ts'

const running = new AsyncDisposableStack()
let sink: RunningSink
let relay: RunningRelay
let admin: string
let other: string

before(async () => {
  ;({ sink, relay } = await relayBeforeSink(running, {
    commands: [['tenant', 'add', 'other']],
  }))
  admin = await relay.newKey('default', 'admin')
  other = await relay.newKey('other', 'admin')
})

after(() => running.disposeAsync())

async function post(path: string, body: unknown, key: string | null, secret = admin) {
  const headers = key === null ? {} : { 'idempotency-key': key }
  const answer = await relay.ask('POST', path, secret, body, headers)
  const isReplayed = answer.headers.get('idempotency-replayed') === 'true'
  return { status: answer.status, isReplayed, body: answer.body }
}

const message = (to: string) => ({ from: 'a@shop.example', to, subject: 'Hello', text: 'Hello.' })

test('A message that is sent again with its key is delivered once, and gets the same answer', async () => {
  const first = await post('/messages', message('once@example.net'), 'order-17')
  const again = await post('/messages', message('once@example.net'), '"order-17"')
  assert.deepEqual([first.status, first.isReplayed], [202, false])
  assert.deepEqual([again.status, again.isReplayed, again.body], [202, true, first.body])
  const last = await post('/messages', message('last@example.net'), null)
  await relay.waitForEvent(
    (event) => event.type === 'message.delivered' && (event.messageId as string) === last.body.id,
  )
  const arrived = sink.messages.flatMap(({ recipients }) => recipients)
  assert.equal(arrived.filter((recipient) => recipient === 'once@example.net').length, 1)
})

test('A key that comes with another request is refused with 409', async () => {
  await post('/messages', message('one@example.net'), 'k409')
  const { status, body } = await post('/messages', message('two@example.net'), 'k409')
  assert.deepEqual([status, body.code], [409, 'RLY_IDEMPOTENCY'])
  const elsewhere = await post('/streams', message('one@example.net'), 'k409')
  assert.equal(elsewhere.status, 409)
})

test('Keys of different callers never meet', async () => {
  const body = { name: 'extra', kind: 'bulk' }
  assert.equal((await post('/streams', body, 'shared')).status, 201)
  const theirs = await post('/streams', body, 'shared', other)
  assert.deepEqual([theirs.status, theirs.isReplayed, theirs.body.tenant], [201, false, 'other'])
})

test('A refusal is given again too; what may pass is tried again', async () => {
  const refused = await post('/streams', { name: 'no good', kind: 'bulk' }, 'refused')
  const again = await post('/streams', { name: 'no good', kind: 'bulk' }, 'refused')
  assert.deepEqual([refused.status, again.status, again.isReplayed], [422, 422, true])
  const { status } = await post('/tenants', { id: 'third' }, 'forbidden')
  const forbidden = await post('/tenants', { id: 'third' }, 'forbidden')
  assert.deepEqual([status, forbidden.status, forbidden.isReplayed], [403, 403, false])
})

test('Of several that come at once one is carried out', async () => {
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => post('/credentials', { label: 'burst' }, 'burst')),
  )
  const made = new Set(answers.filter(({ status }) => status === 201).map(({ body }) => body.id))
  assert.equal(made.size, 1)
  assert.ok(answers.every(({ status }) => status === 201 || status === 409))
})

test('An answer with a secret is given again, and its secret is nowhere in the records', async () => {
  const first = await post('/credentials', { label: 'x' }, 'secret')
  const again = await post('/credentials', { label: 'x' }, 'secret')
  assert.equal(again.body.secret, first.body.secret)
  for (const suffix of ['', '-wal']) {
    const octets = readFileSync(storeFile(relay.dataDir) + suffix)
    assert.equal(octets.includes(first.body.secret), false)
  }
})

test('It outlives a crash of the relay', async () => {
  const first = await post('/messages', message('crash@example.net'), 'crash')
  await relay.kill()
  await relay.restart()
  const again = await post('/messages', message('crash@example.net'), 'crash')
  assert.deepEqual([again.isReplayed, again.body], [true, first.body])
})

for (const key of ['', 'with space', 'x'.repeat(256), '"'])
  test(`A key such as "${key.slice(0, 12)}" is ${key === '"' ? 'taken' : 'refused'}`, async () => {
    const { status } = await post('/streams', { name: 'unusual', kind: 'bulk' }, key)
    assert.ok(key === '"' ? status === 201 : status === 400, String(status))
  })

test('Every POST of the document says so, but those of logins, which are good for one browser alone', async () => {
  const { body } = await relay.ask('GET', '/openapi.json', null)
  const { paths } = body as { paths: Record<string, Record<string, unknown>> }
  const keyed = routes.filter(
    ({ method, needs }) => method === 'POST' && needs !== 'login' && needs !== 'nothing',
  )
  for (const { method, path } of keyed)
    assert.match(
      JSON.stringify(paths[`/api/v1${path}`]?.[method.toLowerCase()]),
      /"Idempotency-Key"/,
      path,
    )
})
