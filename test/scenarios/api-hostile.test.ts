// SPDX-License-Identifier: Apache-2.0
/** Each route of the API against what nobody means well with: other types, more fields, SQL, replays, lists walked oddly. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { z } from 'zod'
import type { AnyRoute } from '../../src/api/http/route.ts'
import { routes } from '../../src/api/routes.ts'
import { RunningRelay } from '../support/running-relay.ts'

let relay: RunningRelay
/** A key of one tenant, for everything. */
let key: string

before(async () => {
  relay = await RunningRelay.start()
  await must('POST', '/tenants', { id: 'acme' }, relay.adminKey)
  const made = await must(
    ...([
      'POST',
      '/keys?tenant=acme',
      { label: 'all', scopes: ['admin'] },
      relay.adminKey,
    ] as const),
  )
  key = made.secret
  for (const name of ['one', 'two', 'three']) {
    await must('POST', '/streams', { name, kind: 'bulk' })
    await must('POST', '/credentials', { label: name })
    await must('POST', '/keys', { label: name, scopes: ['read'] })
    await must('POST', '/domains', { name: `${name}.example` })
    await must('POST', '/people', { email: `${name}@acme.example`, role: 'reader' })
    await must('POST', '/suppressions', { entries: [{ address: `${name}@b.example` }] })
    await must('POST', '/queues/suspend', { queue: `${name}:acme@*`, reason: 'x' })
  }
})

after(() => relay[Symbol.asyncDispose]())

interface Asked {
  readonly headers?: Record<string, string>
  readonly secret?: string
}

function ask(method: string, path: string, body?: unknown, asked: Asked = {}) {
  return relay.ask(method, path, asked.secret ?? key, body, asked.headers)
}

async function must(method: string, path: string, body?: unknown, secret?: string) {
  const answer = await ask(method, path, body, secret === undefined ? {} : { secret })
  assert.ok(
    answer.status < 300,
    `${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`,
  )
  return answer.body
}

/** What a tenant's key may ask. */
const forKeys = routes.filter(
  ({ isForInstallation, needs }) => !isForInstallation && needs !== 'login' && needs !== 'nothing',
)
const withBody = forKeys.filter((route) => Object.keys(shapeOf(route)).length > 0)
const lists = forKeys.filter(isList)

function shapeOf({ body }: AnyRoute): Readonly<Record<string, z.ZodType>> {
  return body instanceof z.ZodObject ? (body.shape as Record<string, z.ZodType>) : {}
}

/** Not the few rows of a report, which have no next page. */
function isList({ answer, method }: AnyRoute): boolean {
  if (method !== 'GET' || !(answer instanceof z.ZodObject)) return false
  return 'items' in answer.shape && 'nextCursor' in answer.shape
}

function pathOf({ path }: AnyRoute, name: string): string {
  return path.replace(/\{\w+\}/g, encodeURIComponent(name))
}

const INJECTIONS = [
  `' or 1=1 --`,
  `"; drop table tenants; --`,
  `acme') union select secret_sha256 from api_keys --`,
  '%27%20or%20%271%27=%271',
  '../../../etc/passwd',
  '\u0000',
  '{{7*7}}#{7*7}',
  'ｎａｍｅ\u202e',
  `${'x'.repeat(900)}`,
]

/** All that a refusal may be. */
const REFUSED = [400, 404, 409, 413, 415, 422]

describe('Every route of the API', () => {
  it('takes SQL and other languages in a path for a name that is not there', async () => {
    for (const route of forKeys.filter(({ path }) => path.includes('{')))
      for (const text of INJECTIONS) {
        const body = route.method === 'GET' || route.method === 'DELETE' ? undefined : {}
        const { status } = await ask(route.method, pathOf(route, text), body)
        assert.ok(REFUSED.includes(status), `${route.id} of ${text}: ${status}`)
      }
    const { items } = await must('GET', '/streams')
    assert.equal(items.length, 5, 'nothing is gone')
  })

  it('takes them in a query for what nothing matches, and says nothing of others', async () => {
    for (const route of forKeys.filter(
      ({ method, content }) => method === 'GET' && content === 'json',
    )) {
      if (route.path.includes('{') || !(route.query instanceof z.ZodObject)) continue
      for (const name of [...Object.keys(route.query.shape), 'tenant'])
        for (const text of INJECTIONS.slice(0, 6)) {
          const path = `${route.path}?${name}=${encodeURIComponent(text)}`
          const { status, body } = await ask('GET', path)
          assert.ok(
            status === 200 || status === 403 || REFUSED.includes(status),
            `${path}: ${status}`,
          )
          if (status === 200) assert.doesNotMatch(JSON.stringify(body), /"tenant":"default"/, path)
        }
    }
  })

  it('refuses each field of another type', async () => {
    for (const route of withBody)
      for (const [name, schema] of Object.entries(shapeOf(route)))
        for (const value of [7.5, { $ne: null }, [[]], true, 'x'.repeat(30_000)]) {
          if (schema.safeParse(value).success) continue
          const body = { [name]: value }
          const { status } = await ask(route.method, pathOf(route, 'none'), body)
          assert.ok(REFUSED.includes(status), `${route.id} ${name}: ${status}`)
        }
  })

  it('refuses fields that it does not name: those that only the relay sets, and prototypes', async () => {
    const more = ['tenant', 'id', 'createdAt', 'secretSha256', 'role_', 'isAdmin', '__proto__x']
    for (const route of withBody)
      for (const name of more) {
        if (name in shapeOf(route)) continue
        const { status, body } = await ask(route.method, pathOf(route, 'none'), { [name]: 'x' })
        assert.equal(status, 400, `${route.id} with ${name}: ${JSON.stringify(body)}`)
      }
    for (const route of withBody) {
      const given = '{"__proto__": {"scopes": ["admin"]}, "constructor": {"prototype": {}}}'
      const { status } = await ask(route.method, pathOf(route, 'none'), given)
      assert.equal(status, 400, route.id)
    }
  })

  it('refuses what is too large, and what is no JSON', async () => {
    for (const route of withBody) {
      const path = pathOf(route, 'none')
      for (const [given, headers] of [
        ['{"a": ', {}],
        ['[1, 2]', {}],
        ['null', {}],
        ['{}', { 'content-type': 'text/xml' }],
        ['[', { 'content-type': 'application/json; charset=utf-16' }],
        ['['.repeat(50_000), {}],
      ] as const) {
        const { status } = await ask(route.method, path, given, { headers })
        assert.ok(REFUSED.includes(status), `${route.id} of ${given.slice(0, 9)}: ${status}`)
      }
      if (route.bodyOctets !== null) continue
      const large = JSON.stringify({ a: 'x'.repeat(1_100_000) })
      assert.equal((await ask(route.method, path, large)).status, 413, route.id)
    }
  })

  it('that changes something gives the first answer again to a replay, and 409 to another body', async () => {
    const { id } = await must('POST', '/credentials', { label: 'replayed' })
    const { items } = await must('GET', '/keys')
    const bodies: Readonly<Record<string, unknown>> = {
      'credentials.add': { label: 'replay' },
      'keys.add': { label: 'replay', scopes: ['read'] },
      'streams.add': { name: 'replay', kind: 'bulk' },
      'suppressions.add': { entries: [{ address: 'replay@b.example' }] },
      'people.add': { email: 'replay@acme.example', role: 'reader' },
      'queues.suspend': { queue: 'replay:acme@*', reason: 'x' },
    }
    for (const [name, body] of Object.entries(bodies)) {
      const route = routes.find((each) => each.id === name)
      assert.ok(route, name)
      const headers = { 'idempotency-key': `replay ${name}`.replace(' ', '-') }
      const first = await ask('POST', route.path, body, { headers })
      assert.ok(first.status < 300, `${name}: ${JSON.stringify(first.body)}`)
      const again = await ask('POST', route.path, body, { headers })
      assert.deepEqual([again.status, again.body], [first.status, first.body], name)
      assert.equal(again.headers.get('idempotency-replayed'), 'true', name)
      const other = await ask('POST', route.path, { ...(body as object), extra: 1 }, { headers })
      assert.deepEqual([other.status, other.body.code], [409, 'RLY_IDEMPOTENCY'], name)
    }
    assert.equal((await must('GET', '/keys')).items.length, items.length + 1)
    assert.equal((await ask('DELETE', `/credentials/${id}`)).status, 200)
    assert.equal((await ask('DELETE', `/credentials/${id}`)).status, 404)
  })
})

describe('Every list of the API', () => {
  it('has a limit and a cursor, walks to its end, and shows each item once', async () => {
    for (const route of lists.filter(({ path }) => !path.includes('{'))) {
      const whole = await must('GET', `${route.path}?limit=100`)
      const seen: unknown[] = []
      let cursor: string | null = null
      do {
        const more: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
        const page = await must('GET', `${route.path}?limit=2${more}`)
        const { isWhole: _, ...common } = page
        assert.deepEqual(Object.keys(common).sort(), ['items', 'nextCursor'], route.id)
        assert.ok(page.items.length <= 2, route.id)
        seen.push(...page.items)
        cursor = page.nextCursor
      } while (cursor !== null && seen.length < 100)
      // What happens meanwhile is told of in these alone.
      if (['events.list', 'messages.find', 'audit.list'].includes(route.id)) continue
      assert.deepEqual(seen, whole.items, route.id)
    }
  })

  it('refuses a limit that is none, a cursor that no page has named, and unknown filters', async () => {
    for (const route of lists) {
      const path = pathOf(route, 'none')
      for (const query of [
        'limit=0',
        'limit=501',
        'limit=x',
        'limit=-1',
        'limit=1e9',
        'colour=red',
      ])
        assert.equal((await ask('GET', `${path}?${query}`)).status, 400, `${route.id}?${query}`)
      for (const cursor of [
        'x',
        '%00',
        'AAAA',
        `${'A'.repeat(999)}`,
        `${'A'.repeat(1_001)}`,
        '-1',
      ]) {
        const { status } = await ask('GET', `${path}?cursor=${cursor}`)
        assert.ok([200, 400, 403, 404].includes(status), `${route.id}?cursor=${cursor}: ${status}`)
      }
    }
  })

  it('names its times, tenants and filters alike', () => {
    for (const route of lists) {
      assert.ok(route.query instanceof z.ZodObject, route.id)
      const names = Object.keys(route.query.shape)
      assert.ok(names.includes('limit') && names.includes('cursor'), route.id)
      for (const name of names) assert.match(name, /^[a-z][a-zA-Z]*$/, route.id)
      for (const other of ['from', 'to', 'after', 'before', 'page', 'offset', 'order', 'tenantId'])
        assert.ok(!names.includes(other), `${route.id} has ${other}`)
    }
  })
})
