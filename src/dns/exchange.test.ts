// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { test } from 'node:test'
import { encode } from 'dns-packet'
import { ms } from '../base/brand.ts'
import { dnsLimits } from '../base/limits/limits.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { exchangeByTcp, exchangeByUdp, prefixed } from './exchange.ts'
import { encodeQuery } from './message.ts'

const question = { name: 'example.org', type: 'A' } as const
const query = encodeQuery(4_711, question, true)

function answer(id: number, name: string, address: string): Buffer {
  return encode({
    type: 'response',
    id,
    questions: [{ name, type: 'A' }],
    answers: [{ name, type: 'A', ttl: 300, data: address }],
  })
}

const genuine = answer(4_711, 'example.org', '192.0.2.1')

function patience() {
  return { clock: new ManualClock(), limit: ms(1_000), signal: new AbortController().signal }
}

/** A name server that does as it is told on the first query. */
async function udpServer(onQuery: (socket: Socket, peer: RemoteInfo) => void) {
  const socket = createSocket('udp4')
  socket.on('message', (_, peer) => onQuery(socket, peer))
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return {
    address: '127.0.0.1',
    port: socket.address().port,
    isTrusted: false,
    [Symbol.dispose]: () => void socket.close(),
  }
}

test('an answer with another id, to another question, or no answer at all is passed over', async () => {
  using server = await udpServer((socket, peer) => {
    for (const stray of [
      answer(4_712, 'example.org', '203.0.113.1'),
      answer(4_711, 'example.com', '203.0.113.1'),
      Buffer.from(query),
      Buffer.from('garbage'),
      Buffer.alloc(0),
      genuine,
    ])
      socket.send(stray, peer.port, peer.address)
  })
  const exchanged = await exchangeByUdp(server, query, patience())
  assert.deepEqual(exchanged, { kind: 'answered', octets: genuine })
})

test('an answer from another port is never seen', async () => {
  using spoofer = await udpServer(() => {})
  const spoof = createSocket('udp4')
  using server = await udpServer((socket, peer) => {
    const forged = answer(4_711, 'example.org', '203.0.113.1')
    spoof.send(forged, peer.port, peer.address, () => {
      spoof.close()
      socket.send(genuine, peer.port, peer.address)
    })
  })
  assert.notEqual(spoofer.port, server.port)
  const exchanged = await exchangeByUdp(server, query, patience())
  assert.deepEqual(exchanged, { kind: 'answered', octets: genuine })
})

test('who guesses too often ends the exchange', async () => {
  using server = await udpServer((socket, peer) => {
    for (let id = 0; id <= dnsLimits.strayAnswers; id++)
      socket.send(answer(id, 'example.org', '203.0.113.1'), peer.port, peer.address)
  })
  const exchanged = await exchangeByUdp(server, query, patience())
  assert.deepEqual(exchanged, { kind: 'failed', text: 'too many answers to other questions' })
})

test('queries come from ports of their own', async () => {
  const ports = new Set<number>()
  using server = await udpServer((socket, peer) => {
    ports.add(peer.port)
    socket.send(genuine, peer.port, peer.address)
  })
  await Promise.all(Array.from({ length: 20 }, () => exchangeByUdp(server, query, patience())))
  assert.equal(ports.size, 20)
})

test('by TCP an answer may come in pieces, and may not come at all', async () => {
  const pieces = [...prefixed(genuine)].map((octet) => Buffer.from([octet]))
  const scripts: ((write: (octets: Buffer) => void, end: () => void) => void)[] = [
    (write) => pieces.forEach(write),
    (write, end) => {
      write(prefixed(genuine).subarray(0, 20))
      end()
    },
    (write) => write(prefixed(answer(4_712, 'example.org', '203.0.113.1'))),
  ]
  const results: string[] = []
  for (const script of scripts) {
    const tcp = createServer((socket) => {
      socket.setNoDelay(true)
      socket.once('data', () =>
        script(
          (octets) => socket.write(octets),
          () => socket.end(),
        ),
      )
    }).listen(0, '127.0.0.1')
    await once(tcp, 'listening')
    const { port } = tcp.address() as AddressInfo
    const server = { address: '127.0.0.1', port, isTrusted: false }
    const exchanged = await exchangeByTcp(server, query, patience())
    results.push(exchanged.kind === 'failed' ? exchanged.text : exchanged.kind)
    tcp.close()
  }
  assert.deepEqual(results, [
    'answered',
    'connection closed before the answer',
    'an answer to another question',
  ])
})

test('an exchange ends when its time is up', async () => {
  const waiting = patience()
  using server = await udpServer(() => waiting.clock.advance(ms(1_000)))
  const exchanged = await exchangeByUdp(server, query, waiting)
  assert.deepEqual(exchanged, { kind: 'failed', text: 'no answer in 1.0 s' })
})
