// SPDX-License-Identifier: Apache-2.0
/** Endpoints that answer without an end, slowly, not at all or with nonsense: each costs one connection until the deadline, and no memory. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { makeCertificate } from '../../src/app/self-signed-certificate.ts'
import { ms } from '../../src/base/brand.ts'
import { SystemClock } from '../../src/base/clock.ts'
import { callLimits } from '../../src/base/limits/webhook-limits.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SystemRandom } from '../../src/base/random.ts'
import { AddressGuard } from '../../src/control/webhooks/address-guard.ts'
import { type EndpointAnswer, EndpointCaller } from '../../src/control/webhooks/endpoint-caller.ts'

const loopback = { address: '127.0.0.1', prefix: 32, family: 4 } as const
const CHUNK = Buffer.alloc(16_384, 'x')

describe('An endpoint', () => {
  let clock: ManualClock
  let guard: AddressGuard
  let caller: EndpointCaller
  let server: Server
  let behave: (socket: Socket) => void
  const sockets = new Set<Socket>()

  beforeEach(async () => {
    clock = new ManualClock()
    const resolver = () => Promise.reject(new Error('nobody is asked'))
    guard = new AddressGuard({ resolver, allowed: () => [loopback] })
    caller = new EndpointCaller(guard, clock)
    server = createServer((socket) => {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.once('close', () => sockets.delete(socket))
      socket.once('data', () => behave(socket))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  })

  afterEach(async () => {
    caller.close()
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  })

  function call(scheme = 'http'): Promise<EndpointAnswer> {
    const url = `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const request = { url, fields: {}, body: Buffer.from('{}') }
    return caller.call(request, new AbortController().signal)
  }

  /** The deadline comes as soon as the endpoint has the request. */
  function late(then: (socket: Socket) => void = () => {}): void {
    behave = (socket) => {
      then(socket)
      setImmediate(() => setImmediate(() => clock.advance(ms(callLimits.answerMs))))
    }
  }

  const closed = async () => {
    while (sockets.size > 0) await new Promise((resolve) => setImmediate(resolve))
  }

  it('that never answers has failed at the deadline, and its connection is closed', async () => {
    late()
    const answer = await call()
    assert.deepEqual(answer, { kind: 'failed', why: 'no answer within 15 s' })
    await closed()
  })

  it('that sends its header section octet by octet has failed at the deadline', async () => {
    late((socket) => socket.write('HTTP/1.1 200 OK\r\nX-'))
    assert.equal((await call()).kind, 'failed')
    await closed()
  })

  it('that answers without an end is read so far, and no further', async () => {
    let sent = 0
    behave = (socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n')
      const more = (): void => {
        while (!socket.destroyed && socket.write(CHUNK)) sent += CHUNK.length
      }
      socket.on('drain', more)
      more()
    }
    const answer = await call()
    assert.ok(answer.kind === 'answered' && answer.status === 200)
    assert.equal(answer.text.length, callLimits.keptAnswerOctets)
    await closed()
    assert.ok(sent < 50 * 1_024 * 1_024, `${sent} octets`)
  })

  it('that dribbles its body is believed its status at the deadline', async () => {
    late((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx'))
    const answer = await call()
    assert.ok(answer.kind === 'failed' || answer.status === 200)
    await closed()
  })

  it('with a header section without an end has failed', async () => {
    behave = (socket) => {
      socket.write(`HTTP/1.1 200 OK\r\n${'X-Long: '.padEnd(100_000, 'x')}`)
    }
    const answer = await call()
    assert.ok(answer.kind === 'failed' && /overflow/i.test(answer.why), JSON.stringify(answer))
    await closed()
  })

  for (const [what, said] of [
    ['nonsense', 'hello there\r\n\r\n'],
    ['nothing, and closes', ''],
    ['another protocol', '220 mx.example ESMTP\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx'],
  ] as const)
    it(`that says ${what} has failed`, async () => {
      behave = (socket) => socket.end(said)
      assert.equal((await call()).kind, 'failed')
    })

  it('that speaks HTTP where TLS is wanted has failed', async () => {
    behave = (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
    const answer = await call('https')
    assert.equal(answer.kind, 'failed')
  })

  it('whose certificate is of nobody who is trusted gets nothing, until its authority is', async () => {
    const options = { commonName: 'localhost', addresses: ['127.0.0.1'] }
    const { cert, key } = await makeCertificate(options, new SystemClock(), new SystemRandom())
    let requests = 0
    const secure = createHttpsServer({ cert, key }, (_, response) => {
      requests++
      response.writeHead(204).end()
    })
    secure.listen(0, '127.0.0.1')
    await once(secure, 'listening')
    const url = `https://127.0.0.1:${(secure.address() as AddressInfo).port}/`
    const request = { url, fields: {}, body: Buffer.from('{}') }
    const { signal } = new AbortController()
    const refused = await caller.call(request, signal)
    assert.ok(refused.kind === 'failed' && /self-signed/.test(refused.why), JSON.stringify(refused))
    assert.equal(requests, 0)
    const trusting = new EndpointCaller(guard, clock, cert)
    const answer = await trusting.call(request, signal)
    assert.ok(answer.kind === 'answered' && answer.status === 204, JSON.stringify(answer))
    trusting.close()
    secure.close()
    await once(secure, 'close')
  })

  it('that asks for time with a number is given it, up to a bound', async () => {
    for (const [field, retryAfter] of [
      ['120', 120_000],
      ['999999999', callLimits.retryAfterMs],
      ['Wed, 21 Oct 2099 07:28:00 GMT', null],
      ['-5', null],
    ] as const) {
      behave = (socket) =>
        socket.end(
          `HTTP/1.1 503 Busy\r\nRetry-After: ${field}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
        )
      const answer = await call()
      assert.ok(answer.kind === 'answered')
      assert.equal(answer.retryAfter, retryAfter)
    }
  })

  it('that closes a connection which was kept is called by another one', async () => {
    const answer = 'HTTP/1.1 204 No Content\r\n\r\n'
    behave = (socket) => {
      socket.write(answer)
      // The next request on it meets its end.
      socket.once('data', () => socket.destroy())
    }
    assert.equal((await call()).kind, 'answered')
    assert.equal((await call()).kind, 'answered')
  })
})
