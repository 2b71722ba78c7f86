// SPDX-License-Identifier: Apache-2.0
/** Over real HTTP: what is said before a body is read. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { type FastifyInstance, fastify } from 'fastify'
import { z } from 'zod'
import { seconds } from '../../base/brand.ts'
import { RelayError } from '../../base/errors.ts'
import { silentLog } from '../../base/log.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { MemoryBudget } from '../../base/memory-budget.ts'
import type { DeskStatus } from '../../control/desk/mail-desk.ts'
import type { ApiContext } from './api-context.ts'
import { localCaller } from './caller.ts'
import { mount } from './mount.ts'
import { RateWindows } from './rate-windows.ts'
import { RequestGate } from './request-gate.ts'
import { type AnyRoute, API_PREFIX, route } from './route.ts'

const echo = route({
  id: 'echo.send',
  method: 'POST',
  path: '/echo',
  summary: 'For this test.',
  needs: 'send',
  body: z.strictObject({ text: z.string() }),
  answer: z.object({ text: z.string() }),
  run: async ({ body }) => body,
})
const look: AnyRoute = { ...echo, id: 'echo.look', method: 'GET', needs: 'read', body: z.any() }

describe('Before a body is read', () => {
  let app: FastifyInstance
  let port: number
  let memory: MemoryBudget
  let status: Pick<DeskStatus, 'isReady' | 'why'>
  let isKnown: boolean
  let clock: ManualClock

  beforeEach(async () => {
    memory = new MemoryBudget(10_000)
    status = { isReady: true, why: '' }
    isKnown = true
    clock = new ManualClock()
    app = fastify({ forceCloseConnections: true })
    const callerOf = async () => {
      if (isKnown) return localCaller
      throw new RelayError('RLY_UNAUTHENTICATED', 'a key is wanted')
    }
    const gate = new RequestGate({
      callerOf,
      rates: new RateWindows(clock, 3),
      anonymousRates: new RateWindows(clock, 3),
      memory,
      desk: { status: async () => status as DeskStatus },
      clock,
    })
    const context = { records: { store: { tenants: { list: async () => [] } } } }
    mount(app, [echo as AnyRoute, { ...look, run: async () => ({ text: 'seen' }) }], {
      context: context as unknown as ApiContext,
      log: silentLog,
      callerOf,
      hasBrowsers: true,
      gate,
    })
    await app.listen({ host: '127.0.0.1', port: 0 })
    port = (app.server.address() as { port: number }).port
  })

  afterEach(() => app.close())

  function begin(length: number): ClientRequest {
    const sent = request({
      ...{ host: '127.0.0.1', port, method: 'POST', path: `${API_PREFIX}/echo` },
      headers: { 'content-type': 'application/json', 'content-length': length },
    })
    sent.on('error', () => {})
    sent.flushHeaders()
    return sent
  }

  async function answerTo(sent: ClientRequest) {
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    const body = JSON.parse(await text(answer)) as { code?: string; detail?: string }
    return { status: answer.statusCode, headers: answer.headers, body }
  }

  function send(octets = '{"text":"x"}') {
    const sent = begin(octets.length)
    sent.end(octets)
    return answerTo(sent)
  }

  it('a key that is not good is refused, whatever would come', async () => {
    isKnown = false
    const { status: code, body } = await answerTo(begin(900_000))
    assert.deepEqual([code, body.code], [401, 'RLY_UNAUTHENTICATED'])
    assert.equal(memory.held, 0)
  })

  it('a key that has used up its minute is told how long to wait', async () => {
    const first = await send()
    assert.equal(first.status, 200)
    assert.deepEqual(
      [first.headers['ratelimit-policy'], first.headers['ratelimit']],
      ['"key";q=3;w=60', '"key";r=2;t=60'],
    )
    await send()
    await send()
    await clock.advance(seconds(10))
    const { status: code, headers, body } = await answerTo(begin(900_000))
    assert.deepEqual([code, body.code], [429, 'RLY_RATE_LIMITED'])
    assert.equal(headers['retry-after'], '50')
    assert.match(body.detail ?? '', /the next is free in 50 s/)
    await clock.advance(seconds(50))
    assert.equal((await send()).status, 200)
  })

  it('what is announced counts as held, and there is room again when it is over', async () => {
    const waiting = begin(9_000)
    while (memory.held === 0) await new Promise(setImmediate)
    const { status: code, headers, body } = await send()
    assert.deepEqual([code, body.code, headers['retry-after']], [503, 'RLY_BUSY', '5'])
    waiting.destroy()
    while (memory.held > 0) await new Promise(setImmediate)
    assert.equal((await send()).status, 200)
  })

  it('mail that is not taken now is refused with the reason, and the rest goes on', async () => {
    status = { isReady: false, why: 'the disk is full' }
    const { status: code, headers, body } = await answerTo(begin(5_000))
    assert.deepEqual([code, body.code, headers['retry-after']], [503, 'RLY_BUSY', '5'])
    assert.match(body.detail ?? '', /the disk is full/)
    const seen = await fetch(`http://127.0.0.1:${port}${API_PREFIX}/echo`)
    assert.equal(seen.status, 200)
    status = { isReady: true, why: '' }
    await clock.advance(seconds(1))
    assert.equal((await send()).status, 200)
  })
})
