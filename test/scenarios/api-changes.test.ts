// SPDX-License-Identifier: Apache-2.0
/** Tenants, credentials and keys that are changed after they were made, and keys that are rotated. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { RunningRelay } from '../support/running-relay.ts'

let relay: RunningRelay
let acme: string

before(async () => {
  relay = await RunningRelay.start()
  for (const id of ['acme', 'beta']) await ask('POST', '/tenants', { id })
  await ask('POST', '/streams?tenant=beta', { name: 'theirs', kind: 'bulk' })
  acme = (await ask('POST', '/keys?tenant=acme', { label: 'all', scopes: ['admin'] })).body.secret
})

after(() => relay[Symbol.asyncDispose]())

async function ask(method: string, path: string, body?: unknown, secret = relay.adminKey) {
  const answer = await fetch(relay.api + path, {
    method,
    headers: {
      authorization: `Bearer ${secret}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  // biome-ignore lint/suspicious/noExplicitAny: whatever the relay says.
  return { status: answer.status, body: (await answer.json()) as any }
}

test('A tenant has another name, and its own key gives it', async () => {
  const { status, body } = await ask('PATCH', '/tenants/acme', { name: 'Acme & Sons' }, acme)
  assert.deepEqual([status, body.name, body.id], [200, 'Acme & Sons', 'acme'])
  assert.equal((await ask('PATCH', '/tenants/beta', { name: 'x' }, acme)).status, 404)
  assert.equal((await ask('PATCH', '/tenants/acme', { name: 'x', id: 'beta' }, acme)).status, 400)
})

test("A credential's label and stream change; only to a stream of its tenant, and its secret stays", async () => {
  const { id, secret } = (await ask('POST', '/credentials', { label: 'old' }, acme)).body
  assert.ok(secret)
  const changed = await ask('PATCH', `/credentials/${id}`, { label: 'new', stream: 'bulk' }, acme)
  assert.deepEqual([changed.body.label, changed.body.stream], ['new', 'bulk'])
  assert.equal(changed.body.secret, undefined)
  const foreign = await ask('PATCH', `/credentials/${id}`, { stream: 'theirs' }, acme)
  assert.deepEqual([foreign.status, foreign.body.code], [404, 'RLY_RECORD_UNKNOWN'])
  const back = await ask('PATCH', `/credentials/${id}`, { stream: null, isSandbox: true }, acme)
  assert.deepEqual([back.body.label, back.body.stream, back.body.isSandbox], ['new', null, true])
})

test('A key may do what it was changed to at once, and never more than a key of its tenant', async () => {
  const made = (await ask('POST', '/keys', { label: 'k', scopes: ['read'] }, acme)).body
  assert.equal((await ask('GET', '/streams', undefined, made.secret)).status, 200)
  const changed = await ask('PATCH', `/keys/${made.id}`, { scopes: ['send'] }, acme)
  assert.deepEqual([changed.status, changed.body.scopes], [200, ['send']])
  assert.equal((await ask('GET', '/streams', undefined, made.secret)).status, 403)
  for (const body of [{ tenant: null }, { ofInstallation: true }, { secretSha256: 'x' }])
    assert.equal((await ask('PATCH', `/keys/${made.id}`, body, acme)).status, 400)
  for (const [body, expected] of [
    [{ allowedFrom: ['no network'] }, /is no network/],
    [{ expiresAt: '2001-01-01T00:00:00Z' }, /expired already/],
  ] as const) {
    const { status, body: said } = await ask('PATCH', `/keys/${made.id}`, body, acme)
    assert.equal(status, 422)
    assert.match(said.detail, expected)
  }
})

test('A rotated key has a successor for the same; both are good until the overlap is over', async () => {
  const first = (await ask('POST', '/keys', { label: 'app', scopes: ['read'] }, acme)).body
  const second = await ask('POST', `/keys/${first.id}/rotate`, { overlapMs: 3_600_000 }, acme)
  assert.equal(second.status, 201)
  assert.deepEqual([second.body.label, second.body.scopes], ['app', ['read']])
  assert.notEqual(second.body.id, first.id)
  for (const secret of [first.secret, second.body.secret])
    assert.equal((await ask('GET', '/streams', undefined, secret)).status, 200)
  const shown = (await ask('GET', `/keys/${first.id}`, undefined, acme)).body
  assert.ok(Date.parse(shown.expiresAt) > Date.now())
  const third = await ask('POST', `/keys/${second.body.id}/rotate`, { overlapMs: 0 }, acme)
  assert.equal((await ask('GET', '/streams', undefined, second.body.secret)).status, 401)
  assert.equal((await ask('GET', '/streams', undefined, third.body.secret)).status, 200)
  const again = await ask('POST', `/keys/${second.body.id}/rotate`, {}, acme)
  assert.match(again.body.detail, /has expired/)
})
