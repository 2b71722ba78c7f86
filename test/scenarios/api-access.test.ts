// SPDX-License-Identifier: Apache-2.0
/** The HTTP API: who gets in, what a key reaches, and what wrong requests are told. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Problem } from '../../src/api/http/problem.ts'
import { routes } from '../../src/api/routes.ts'
import { RunningRelay } from '../support/running-relay.ts'

interface Made {
  readonly id: string
  readonly secret: string
}

let relay: RunningRelay
let admin: string
let acme: string
let beta: Made

before(async () => {
  relay = await RunningRelay.start({
    commands: [
      ['tenant', 'add', 'acme'],
      ['tenant', 'add', 'beta'],
      ['domain', 'add', 'acme.example', '--tenant', 'acme'],
      ['stream', 'add', 'news', '--kind', 'bulk', '--tenant', 'acme'],
    ],
  })
  admin = relay.adminKey
  acme = (await key('--tenant', 'acme', '--scope', 'admin')).secret
  beta = await key('--tenant', 'beta', '--scope', 'admin')
})

after(() => relay[Symbol.asyncDispose]())

async function key(...options: readonly string[]): Promise<Made> {
  return (await relay.json('key', 'add', '--label', 'test', ...options)) as Made
}

/** The id of an entry of acme. */
async function suppression(): Promise<string> {
  await relay.ask('POST', '/suppressions', acme, { entries: [{ address: 'a@b.example' }] })
  return (await relay.ask('GET', '/suppressions', acme)).body.items[0].id
}

describe('the API', () => {
  it('gives every refusal as a problem document with a stable code', async () => {
    const { status, headers, body } = await relay.ask('GET', '/domains/none.example', admin)
    assert.equal(status, 404)
    assert.match(headers.get('content-type') ?? '', /^application\/problem\+json/)
    const { code, detail, type } = body as Problem
    assert.deepEqual([code, type], ['RLY_RECORD_UNKNOWN', 'urn:posthaste:error:RLY_RECORD_UNKNOWN'])
    assert.match(detail, /^no domain "none.example"/)
  })

  it('lets nobody in without a good key, and says the same of each bad one', async () => {
    const old = await key('--tenant', 'acme')
    await relay.json('key', 'remove', old.id)
    const elsewhere = await key('--tenant', 'acme', '--from', '192.0.2.0/24')
    const wrong = `${acme.slice(0, -1)}${acme.endsWith('0') ? '1' : '0'}`
    const refusals = await Promise.all(
      [old.secret, elsewhere.secret, wrong, 'ph_AAAAAAAAAA_x', relay.secret].map((secret) =>
        relay.ask('GET', '/domains', secret),
      ),
    )
    const [first, ...others] = refusals.map(({ status, body }) => ({ status, body }))
    assert.equal(first?.status, 401)
    for (const other of others) assert.deepEqual(other, first)
    const none = await relay.ask('GET', '/domains', null)
    assert.equal(none.status, 401)
    assert.equal(none.headers.get('www-authenticate'), 'Bearer realm="posthaste"')
  })

  it('says which scope a key lacks', async () => {
    const reader = await key('--tenant', 'acme', '--scope', 'read')
    assert.equal((await relay.ask('GET', '/domains', reader.secret)).status, 200)
    const { status, body } = await relay.ask('POST', '/domains', reader.secret, {
      name: 'b.example',
    })
    assert.equal(status, 403)
    assert.match(body.detail, /the scope "domains"; this one has "read"/)
    const { body: tenant } = await relay.ask('POST', '/tenants', acme, { id: 'mine' })
    assert.match(tenant.detail, /a key of the installation/)
  })

  it('shows a tenant nothing of another, by any route', async () => {
    const credential = (await relay.ask('POST', '/credentials', acme, { label: 'x' })).body as Made
    const ids: Readonly<Record<string, string>> = {
      tenants: 'acme',
      streams: 'news',
      domains: 'acme.example',
      credentials: credential.id,
      suppressions: await suppression(),
      webhooks: (
        (await relay.ask('POST', '/webhooks', acme, { url: 'https://acme.example/' })).body as Made
      ).id,
      keys: ((await relay.ask('GET', '/keys', acme)).body.items[0] as Made).id,
      people: (
        (await relay.json(
          ...['person', 'add', 'ann@acme.example', '--role', 'owner', '--tenant', 'acme'],
        )) as Made
      ).id,
    }
    for (const { content, id, method, needs, path, isForInstallation } of routes) {
      // Of whoever asks alone, and not for keys: people-*.test.ts.
      if (needs === 'login' || needs === 'nothing') continue
      const [, resource = ''] = path.split('/')
      const hasId = path.includes('{')
      const url = path.replace(/\{\w+\}/, ids[resource] ?? 'no id for this resource')
      const asAcme = await relay.ask(method, `${url}?tenant=acme`, beta.secret)
      assert.ok([403, 404].includes(asAcme.status), `${method} ${url}?tenant=acme`)
      // A stream of one's own never ends.
      if (content === 'event-stream') continue
      const crossed = await relay.ask(method, url, beta.secret)
      if (isForInstallation) assert.equal(crossed.status, 403, path)
      // A campaign that nothing is known of may be set up before its mail comes: one's own, and not by changing nothing.
      else if (id === 'campaigns.change') assert.equal(crossed.status, 422)
      else if (hasId) assert.equal(crossed.status, 404, `${method} ${url}`)
      if (method === 'GET' && !hasId)
        assert.ok(!JSON.stringify(crossed.body).includes('acme'), `${method} ${url}`)
    }
    assert.equal((await relay.ask('GET', '/domains/acme.example', acme)).status, 200)
  })

  it('names every part of a request that is wrong, and the nearest known name', async () => {
    const { status, body } = await relay.ask('POST', '/streams?tenant=acme', admin, {
      name: 'x',
      kind: 'bulky',
      priorty: 3,
    })
    assert.equal(status, 400)
    assert.equal(body.errors.length, 2)
    assert.match(body.detail, /^kind: .*"transactional"/)
    assert.match(body.detail, /"priorty" is not known here; did you mean "priority"\?/)
  })

  for (const [name, body] of [
    ['no JSON', '{"name": '],
    ['a list', '[]'],
    ['a member that would reach the prototype', '{"__proto__": {"tenant": "acme"}, "name": "p"}'],
    ['a field that only we set', '{"name": "m.example", "tenant": "acme"}'],
    ['a number for a name', '{"name": 7}'],
  ] as const)
    it(`refuses ${name} with 400`, async () => {
      assert.equal((await relay.ask('POST', '/domains', beta.secret, body)).status, 400)
    })

  it('refuses a request that is larger than it may be with 413', async () => {
    const { status, body } = await relay.ask('POST', '/domains', acme, {
      name: 'x'.repeat(2_000_000),
    })
    assert.deepEqual([status, body.code], [413, 'RLY_TOO_LARGE'])
  })

  it('gives lists page by page, each item once', async () => {
    for (const name of ['one', 'two', 'three'])
      await relay.ask('POST', '/streams', beta.secret, { name, kind: 'bulk' })
    const seen: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const page = await relay.ask('GET', `/streams?limit=2&cursor=${cursor}`, beta.secret)
      seen.push(...page.body.items.map(({ name }: { name: string }) => name))
      cursor = page.body.nextCursor
    }
    assert.deepEqual(seen, ['bulk', 'one', 'three', 'transactional', 'two'])
  })

  it('describes every route in its document, to anybody', async () => {
    const { status, body } = await relay.ask('GET', '/openapi.json', null)
    assert.equal(status, 200)
    const operations = Object.values(body.paths).flatMap((path) =>
      Object.values(path as object).map(({ operationId }) => operationId),
    )
    assert.deepEqual(operations.sort(), routes.map(({ id }) => id).sort())
  })
})
