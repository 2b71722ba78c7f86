// SPDX-License-Identifier: Apache-2.0
/** What is changed after it was made, keys that are rotated, and the order of every list. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { z } from 'zod'
import type { AnyRoute } from '../../src/api/http/route.ts'
import { routes } from '../../src/api/routes.ts'
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

function ask(method: string, path: string, body?: unknown, secret = relay.adminKey) {
  return relay.ask(method, path, secret, body)
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

test('Another stream takes the place of the default one; no tenant is left without', async () => {
  const changed = await ask('PATCH', '/streams/bulk', { isDefault: true }, acme)
  assert.deepEqual([changed.status, changed.body.isDefault], [200, true])
  assert.equal((await ask('GET', '/tenants/acme', undefined, acme)).body.defaultStream, 'bulk')
  const refused = await ask('PATCH', '/streams/bulk', { isDefault: false }, acme)
  assert.equal(refused.status, 400)
  assert.match(refused.body.detail, /make another one/)
  assert.equal((await ask('GET', '/streams/transactional', undefined, acme)).body.isDefault, false)
  assert.equal(
    (await ask('PATCH', '/streams/transactional', { isDefault: true }, acme)).status,
    200,
  )
})

test('A quota changes and keeps its name; that of a tenant is not for the tenant to change', async () => {
  const daily = { kind: 'stream', name: 'bulk', period: 'day', recipients: 10 }
  const { id, createdAt } = (await ask('POST', '/quotas', daily, acme)).body
  const changed = await ask('PATCH', `/quotas/${id}`, { whenOver: 'hold' }, acme)
  assert.deepEqual(
    [changed.body.recipients, changed.body.whenOver, changed.body.createdAt],
    [10, 'hold', createdAt],
  )
  await ask('PATCH', `/quotas/${id}`, { recipients: 20 }, acme)
  const shown = (await ask('GET', `/quotas/${id}`, undefined, acme)).body
  assert.deepEqual([shown.recipients, shown.whenOver, shown.used], [20, 'hold', 0])
  const whole = { kind: 'tenant', period: 'month', recipients: 100 }
  const set = (await ask('POST', '/quotas?tenant=acme', whole)).body
  assert.equal((await ask('PATCH', `/quotas/${set.id}`, { recipients: 999 }, acme)).status, 403)
  assert.equal((await ask('PATCH', '/quotas/stream.none.day', { recipients: 1 }, acme)).status, 404)
  assert.equal((await ask('PATCH', `/quotas/${id}`, { period: 'hour' }, acme)).status, 400)
})

test('An entry has another note and end; its address, reason and owner stay', async () => {
  await ask('POST', '/suppressions', { entries: [{ address: 'ann@example.net' }] }, acme)
  const [entry] = (await ask('GET', '/suppressions', undefined, acme)).body.items
  const path = `/suppressions/${entry.id}`
  const changed = await ask('PATCH', path, { expiresAt: '2099-01-01T00:00:00+01:00' }, acme)
  assert.deepEqual(changed.body, { ...entry, expiresAt: '2098-12-31T23:00:00.000Z' })
  const noted = await ask('PATCH', path, { note: 'called us', expiresAt: null }, acme)
  assert.deepEqual(noted.body, { ...entry, note: 'called us' })
  assert.deepEqual((await ask('GET', path, undefined, acme)).body, noted.body)
  for (const [body, status] of [
    [{ expiresAt: '2001-01-01T00:00:00Z' }, 422],
    [{ note: 'two\nlines' }, 422],
    [{ reason: 'allow' }, 400],
    [{ address: 'x@example.net' }, 400],
    [{ tenant: 'beta' }, 400],
  ] as const)
    assert.equal((await ask('PATCH', path, body, acme)).status, status, JSON.stringify(body))
  const beta = (await ask('POST', '/keys?tenant=beta', { label: 'b', scopes: ['admin'] })).body
  assert.equal((await ask('PATCH', path, { note: 'x' }, beta.secret)).status, 404)
})

test('A domain that is not verified moves its return path; another tenant finds none', async () => {
  await ask('POST', '/domains', { name: 'shop.example' }, acme)
  const changed = await ask(
    ...(['PATCH', '/domains/shop.example', { returnPathDomain: 'rp.shop.example' }, acme] as const),
  )
  assert.deepEqual(
    [changed.status, changed.body.returnPathDomain, changed.body.trackingDomain],
    [200, 'rp.shop.example', 'click.shop.example'],
  )
  assert.match(changed.body.zone, /^rp\.shop\.example\. 3600 IN MX/m)
  const other = (await ask('POST', '/keys?tenant=beta', { label: 'b', scopes: ['admin'] })).body
  const theirs = ['PATCH', '/domains/shop.example', {}, other.secret] as const
  assert.equal((await ask(...theirs)).status, 404)
})

test('Every list is sorted by its fields, page by page, and says which it has', async () => {
  for (const { path, query } of routes.filter(isList)) {
    const schema = (query as z.ZodObject).shape['sort']
    assert.ok(schema, `${path} has no order`)
    const usual = schema.parse(undefined)
    for (const sort of [usual, usual.startsWith('-') ? usual.slice(1) : `-${usual}`]) {
      const { status, body } = await ask('GET', `${path}?sort=${sort}&limit=1`)
      assert.equal(status, 200, `${path} ${JSON.stringify(body)}`)
      assert.ok(Array.isArray(body.items) && 'nextCursor' in body, path)
    }
    const { status, body } = await ask('GET', `${path}?sort=${usual}x`)
    assert.equal(status, 400, path)
    assert.ok(body.detail.includes(`did you mean "${usual}"`), `${path}: ${body.detail}`)
  }
  const asked = (sort: string, cursor = '') =>
    ask('GET', `/streams?sort=${sort}&limit=2&cursor=${cursor}`)
  const first = (await asked('-tenant')).body
  const second = (await asked('-tenant', first.nextCursor)).body
  const names = [...first.items, ...second.items].map(({ tenant, name }) => `${tenant}/${name}`)
  assert.deepEqual(names, [
    'default/transactional',
    'default/bulk',
    'beta/transactional',
    'beta/theirs',
  ])
  assert.equal((await asked('name', first.nextCursor)).status, 400)
})

test('Lists of what has a state give those in one of them, and say which there are', async () => {
  const found: string[] = []
  for (const { path, query } of routes.filter(isList)) {
    const schema = (query as z.ZodObject).shape['state'] as z.ZodType | undefined
    const states = schema instanceof z.ZodOptional ? (schema.unwrap() as z.ZodEnum).options : []
    if (states.length === 0) continue
    found.push(path)
    for (const state of states) {
      const { status, body } = await ask('GET', `${path}?state=${state}`)
      assert.equal(status, 200, `${path} ${JSON.stringify(body)}`)
    }
    const { status, body } = await ask('GET', `${path}?state=${states[0]}x`)
    assert.equal(status, 400, path)
    assert.ok(body.detail.includes(`did you mean "${states[0]}"`), `${path}: ${body.detail}`)
  }
  assert.deepEqual(found.toSorted(), [
    ...['/brakes', '/campaigns', '/credentials', '/domains', '/keys', '/people', '/sources'],
    ...['/standings', '/warm-ups', '/webhooks'],
  ])
})

test('A list of those in one state has all of them and no others', async () => {
  const must = async (method: string, path: string, body?: unknown) => {
    const answer = await ask(method, path, body, acme)
    assert.ok(answer.status < 300, `${path} ${JSON.stringify(answer.body)}`)
    return answer.body
  }
  await must('POST', '/domains', { name: 'waits.example' })
  const app = await must('POST', '/credentials', { label: 'off' })
  await must('PATCH', `/credentials/${app.id}`, { isDisabled: true })
  const hook = await must('POST', '/webhooks', { url: 'https://hooks.example.com/off' })
  await must('PATCH', `/webhooks/${hook.id}`, { isPaused: true })
  const person = await must('POST', '/people', { email: 'off@acme.example', role: 'reader' })
  await must('PATCH', `/people/${person.id}`, { isDisabled: true })
  for (const [path, state, other, name] of [
    ['/domains', 'pending', 'failing', 'waits.example'],
    ['/credentials', 'disabled', 'enabled', app.id],
    ['/webhooks', 'paused', 'on', hook.id],
    ['/people', 'disabled', 'enabled', person.id],
    ['/keys', 'valid', 'expired', null],
  ] as const) {
    const all = (await must('GET', path)).items
    const inOne = (await must('GET', `${path}?state=${state}`)).items
    const inOther = (await must('GET', `${path}?state=${other}`)).items
    const names = (items: readonly { id?: string; name: string }[]) =>
      items.map(({ id, name: called }) => id ?? called)
    assert.ok(name === null ? inOne.length > 0 : names(inOne).includes(name), path)
    assert.ok(name === null || !names(inOther).includes(name), path)
    assert.ok(inOne.length + inOther.length <= all.length, path)
  }
  const shown = await relay.cli('webhook', 'list', '--state', 'paused')
  assert.match(shown.stdout, new RegExp(`^${hook.id} .* paused `, 'm'))
  const none = await relay.cli('domain', 'list', '--state', 'failing')
  assert.equal(none.stdout, 'None of them is failing.\n')
  const wrong = await relay.cli('domain', 'list', '--state', 'faling')
  assert.match(wrong.stderr, /"faling" is no state of this list: .*; did you mean "failing"/)
})

/**
 * What needs a person's login is asked for elsewhere. Lists of what belongs to one record, and mail that is held, have the
 * order in which it came.
 */
function isList({ answer, method, needs, path }: AnyRoute): boolean {
  const isOwnOrder = path.includes('{') || path === '/held' || needs === 'login'
  return method === 'GET' && answer instanceof z.ZodObject && 'items' in answer.shape && !isOwnOrder
}
