// SPDX-License-Identifier: Apache-2.0
/** What describes the API to programs and people: other people's programs take it at its word. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { Validator } from '@seriousme/openapi-schema-validator'
import axios from 'axios'
import { OpenAPIClientAxios } from 'openapi-client-axios'
import { API_PREFIX } from '../../src/api/http/route.ts'
import { routes } from '../../src/api/routes.ts'
import { routeTo } from '../support/relay-config.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { type RunningSink, startSink } from '../support/running-sink.ts'

const running = new AsyncDisposableStack()
let relay: RunningRelay
let sink: RunningSink

before(async () => {
  sink = running.use(await startSink())
  relay = running.use(
    await RunningRelay.start({ config: routeTo(sink.port), domains: ['shop.example'] }),
  )
})

after(() => running.disposeAsync())

// biome-ignore lint/suspicious/noExplicitAny: a document of any shape, for its judges.
async function document(): Promise<any> {
  return (await relay.ask('GET', '/openapi.json', null)).body
}

describe('The OpenAPI document', () => {
  it('passes a validator that is not ours', async () => {
    const { valid, errors } = await new Validator().validate(await document())
    assert.ok(valid, JSON.stringify(errors))
  })

  it('has every route, and nothing else', async () => {
    const { paths } = await document()
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods as object).map(
        ([method, { operationId }]) => `${operationId} ${method.toUpperCase()} ${path}`,
      ),
    )
    const there = routes.map(({ id, method, path }) => `${id} ${method} ${API_PREFIX}${path}`)
    assert.deepEqual(described.sort(), there.sort())
  })

  it('is enough for a client that is made from it', async () => {
    const headers = { authorization: `Bearer ${relay.adminKey}` }
    const client = await new OpenAPIClientAxios({
      definition: await document(),
      axiosConfigDefaults: { baseURL: new URL(relay.api).origin, headers, adapter: 'fetch' },
    }).init()
    const call = (operation: string, ...given: readonly unknown[]) => {
      const method = (
        client as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>
      )[operation]
      assert.ok(method, `no ${operation}`)
      return method(...given) as Promise<{ readonly status: number; readonly data: never }>
    }
    for (const { id } of routes) assert.equal(typeof (client as never)[id], 'function', id)
    const added = await call('streams.add', null, { name: 'news', kind: 'bulk' })
    assert.equal(added.status, 201)
    const shown = await call('streams.show', { name: 'news' })
    assert.equal((shown.data as { kind: string }).kind, 'bulk')
    await assert.rejects(call('streams.show', { name: 'newz' }), (thrown) => {
      assert.ok(axios.isAxiosError(thrown))
      return thrown.response?.data.code === 'RLY_RECORD_UNKNOWN'
    })
  })

  it('is one page for people, which loads nothing', async () => {
    const { headers, body: page } = await relay.ask('GET', '/reference', null)
    assert.match(headers.get('content-security-policy') ?? '', /^default-src 'none'/)
    for (const { id, path } of routes) {
      assert.ok(page.includes(`<section id="${id}">`), id)
      assert.ok(page.includes(API_PREFIX + path), path)
    }
    assert.doesNotMatch(page, /<script|<link|<img|url\(|src="|href="http/)
  })
})

describe('The example with nothing but curl', () => {
  async function run(from: string) {
    const secret = await relay.newKey('default', 'send', 'read')
    const env = { ...process.env, POSTHASTE_KEY: secret, POSTHASTE_URL: new URL(relay.api).origin }
    return promisify(execFile)('examples/send-and-follow.sh', [from, 'ann@example.net'], { env })
  }

  it('sends a message and follows it to its receiver', async () => {
    const { stdout } = await run('shop@shop.example')
    assert.match(stdout, /^accepted as \w{26}\ndelivered\n"reply":\{"code":250/)
    assert.equal(sink.messages.length, 1)
  })

  it('says why a message is refused', async () => {
    await assert.rejects(run('shop@elsewhere.example'), ({ stderr }: { stderr: string }) =>
      /refused: .*From domain elsewhere.example is not set up/.test(stderr),
    )
  })
})
