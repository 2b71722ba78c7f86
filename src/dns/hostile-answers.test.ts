// SPDX-License-Identifier: Apache-2.0
/** Name servers that lie, exaggerate or are down, with real packets. */
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import { decode, encode } from 'dns-packet'
import { ms } from '../base/brand.ts'
import { systemCode } from '../base/errors.ts'
import { dnsLimits } from '../base/limits/limits.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { SystemRandom } from '../base/random.ts'
import { type Domain, parseDomain } from '../protocol/mailbox.ts'
import { prefixed, unprefixed } from './exchange.ts'
import type { DnsRecord } from './message.ts'
import { StubResolver } from './stub-resolver.ts'
import { nameServer } from './system-resolvers.ts'

type Transport = 'udp' | 'tcp'
/** The response to a query, octet by octet; `null` for none. */
type Answer = (query: Buffer, by: Transport) => Buffer | null

interface HostileServer extends AsyncDisposable {
  readonly port: number
  /** `MX example.org udp`, in order. */
  readonly asked: string[]
}

async function hostileServer(answer: Answer): Promise<HostileServer> {
  const asked: string[] = []
  const heard = (query: Buffer, by: Transport): Buffer | null => {
    const [question] = decode(query).questions ?? []
    asked.push(`${question?.type} ${question?.name} ${by}`)
    return answer(query, by)
  }
  const sockets = new Set<Socket>()
  for (;;) {
    const tcp = createServer((socket) => {
      sockets.add(socket.on('error', () => {}))
      socket.once('data', (chunk: Buffer) => {
        const query = unprefixed(chunk)
        const response = query && heard(query, 'tcp')
        if (response) socket.end(prefixed(response))
        else socket.destroy()
      })
    }).listen(0, '127.0.0.1')
    await once(tcp, 'listening')
    const { port } = tcp.address() as AddressInfo
    const udp = createSocket('udp4')
    udp.on('message', (query, peer) => {
      const response = heard(query, 'udp')
      if (response) udp.send(response, peer.port, peer.address)
    })
    try {
      udp.bind(port, '127.0.0.1')
      await once(udp, 'listening')
    } catch (thrown) {
      // Somebody has the UDP port of that number.
      if (systemCode(thrown) !== 'EADDRINUSE') throw thrown
      tcp.close()
      continue
    }
    return {
      port,
      asked,
      async [Symbol.asyncDispose]() {
        for (const socket of sockets) socket.destroy()
        tcp.close()
        udp.close()
        await Promise.all([once(tcp, 'close'), once(udp, 'close')])
      },
    }
  }
}

interface Sections {
  readonly answers?: DnsRecord[]
  readonly authorities?: DnsRecord[]
  readonly additionals?: DnsRecord[]
  readonly flags?: number
}

const RECURSION_AVAILABLE = 0x80
const TRUNCATED = 0x200

function responseTo(query: Buffer, { flags = 0, ...sections }: Sections): Buffer {
  const { id, questions } = decode(query)
  return encode({
    type: 'response',
    id: id ?? 0,
    flags: RECURSION_AVAILABLE | flags,
    questions: questions ?? [],
    ...sections,
  })
}

function a(name: string, data: string, ttl = 300): DnsRecord {
  return { name, type: 'A', ttl, data }
}

function mx(name: string, exchange: string, ttl = 300): DnsRecord {
  return { name, type: 'MX', ttl, data: { preference: 10, exchange } }
}

const soa: DnsRecord = {
  name: 'example.org',
  type: 'SOA',
  ttl: 600,
  data: { mname: 'ns', rname: 'root', serial: 1, refresh: 1, retry: 1, expire: 1, minimum: 600 },
}

function resolverOf(ports: readonly number[], clock = new ManualClock()): StubResolver {
  const servers = ports.map((port) => nameServer('127.0.0.1', port))
  return new StubResolver({ servers, clock, random: new SystemRandom() })
}

function domain(text: string): Domain {
  const parsed = parseDomain(text)
  assert.ok(parsed)
  return parsed
}

test('addresses that nobody asked for, in whatever section, are neither taken nor kept', async () => {
  const poison = [a('mx.example.org', '203.0.113.66'), a('bank.example', '203.0.113.66')]
  await using server = await hostileServer((query) => {
    const [question] = decode(query).questions ?? []
    if (question?.type === 'MX')
      return responseTo(query, {
        answers: [
          mx('example.org', 'mx.example.org'),
          mx('bank.example', 'evil.example'),
          ...poison,
        ],
        authorities: [{ name: 'org', type: 'NS', ttl: 300, data: 'evil.example' }, ...poison],
        additionals: poison,
      })
    return responseTo(query, { answers: [a('mx.example.org', '192.0.2.1'), ...poison.slice(1)] })
  })
  await using resolver = resolverOf([server.port])
  const found = await resolver.mx(domain('example.org'))
  assert.deepEqual(found.kind === 'found' && found.records, [
    { preference: 10, exchange: 'mx.example.org' },
  ])
  const addresses = await resolver.addresses('mx.example.org', 4)
  assert.deepEqual(addresses.kind === 'found' && addresses.records, [
    { address: '192.0.2.1', family: 4 },
  ])
  await resolver.mx(domain('bank.example'))
  assert.deepEqual(server.asked, [
    'MX example.org udp',
    'A mx.example.org udp',
    'MX bank.example udp',
  ])
})

for (const [what, ttl] of [
  ['no time to live', 0],
  ['a time to live with its highest bit set', 0x80_00_01_00],
] as const)
  test(`an answer with ${what} serves those who ask together, and is asked for again soon`, async () => {
    const clock = new ManualClock()
    await using server = await hostileServer((query) =>
      responseTo(query, { answers: [mx('example.org', 'mx.example.org', ttl)] }),
    )
    await using resolver = resolverOf([server.port], clock)
    for (const wait of [0, 0, dnsLimits.shortestTtlMs]) {
      clock.advance(ms(wait))
      const found = await resolver.mx(domain('example.org'))
      assert.equal(found.kind === 'found' && found.ttl, dnsLimits.shortestTtlMs)
    }
    assert.equal(server.asked.length, 2)
  })

test('that there is nothing is kept for as long as the SOA says, and not asked for again', async () => {
  const clock = new ManualClock()
  await using server = await hostileServer((query) => {
    const isMissing = decode(query).questions?.[0]?.name === 'gone.example.org'
    return responseTo(query, { authorities: [soa], flags: isMissing ? 3 : 0 })
  })
  await using resolver = resolverOf([server.port], clock)
  for (let time = 0; time < 2; time++) {
    assert.equal((await resolver.mx(domain('example.org'))).kind, 'none')
    assert.equal((await resolver.mx(domain('gone.example.org'))).kind, 'no-such-domain')
    clock.advance(ms(599_000))
  }
  assert.equal(server.asked.length, 2)
  clock.advance(ms(1_000))
  await resolver.mx(domain('example.org'))
  assert.equal(server.asked.length, 3)
})

test('an answer of 65,535 octets, the longest there is, is read by TCP', async () => {
  await using server = await hostileServer((query, by) =>
    by === 'udp' ? responseTo(query, { flags: TRUNCATED }) : filledTo(65_535, query),
  )
  await using resolver = resolverOf([server.port])
  const found = await resolver.txt('long.example')
  assert.ok(found.kind === 'found' && (found.records[0]?.length ?? 0) > 64_000)
})

test('an answer of more records than anybody needs is nonsense, and bounded work', async () => {
  const many = Array.from({ length: dnsLimits.recordsPerAnswer + 1 }, (_, at) =>
    mx('example.org', `mx${at}.example.org`),
  )
  await using server = await hostileServer((query, by) =>
    responseTo(query, by === 'udp' ? { flags: TRUNCATED } : { answers: many }),
  )
  await using resolver = resolverOf([server.port])
  const answer = await resolver.mx(domain('example.org'))
  assert.deepEqual(answer, { kind: 'failed', text: 'an answer that cannot be read' })
})

const good: Answer = (query) =>
  responseTo(query, { answers: [mx('example.org', 'mx.example.org')] })
const down: readonly (readonly [what: string, answer: Answer])[] = [
  ['fails', (query) => responseTo(query, { flags: 2 })],
  ['refuses', (query) => responseTo(query, { flags: 5 })],
  [
    'sends what cannot be read',
    (query) => {
      const response = responseTo(query, {})
      response.writeUInt16BE(1, 6)
      return response
    },
  ],
  [
    'has more than UDP holds, and no TCP',
    (query, by) => (by === 'udp' ? responseTo(query, { flags: TRUNCATED }) : null),
  ],
  ['says by TCP too that it is cut', (query) => responseTo(query, { flags: TRUNCATED })],
]

for (const [what, answer] of down)
  test(`a resolver that ${what} is left for the next, which is asked first from then on`, async () => {
    const clock = new ManualClock()
    await using bad = await hostileServer(answer)
    await using other = await hostileServer(good)
    await using resolver = resolverOf([bad.port, other.port], clock)
    const asking = resolver.mx(domain('example.org'))
    assert.equal((await asking).kind, 'found')
    const askedBad = bad.asked.length
    await resolver.mx(domain('example.com'))
    assert.equal(bad.asked.length, askedBad)
  })

test('a resolver that is not there is left for the next at once', async () => {
  const gone = await hostileServer(() => null)
  await gone[Symbol.asyncDispose]()
  await using other = await hostileServer(good)
  await using resolver = resolverOf([gone.port, other.port])
  assert.equal((await resolver.mx(domain('example.org'))).kind, 'found')
})

/** One TXT record as long as makes the whole message `octets`. */
function filledTo(octets: number, query: Buffer): Buffer {
  const head = responseTo(query, {})
  head.writeUInt16BE(1, 6)
  const record = Buffer.from([0xc0, 12, 0, 16, 0, 1, 0, 0, 1, 44, 0, 0])
  let left = octets - head.length - record.length
  record.writeUInt16BE(left, 10)
  const strings: Buffer[] = []
  for (; left > 0; left -= Math.min(left, 256)) {
    const string = Buffer.alloc(Math.min(left, 256), 'x')
    string[0] = string.length - 1
    strings.push(string)
  }
  const message = Buffer.concat([head, record, ...strings])
  assert.equal(message.length, octets)
  return message
}
