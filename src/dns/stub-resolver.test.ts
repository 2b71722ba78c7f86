// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ms } from '../base/brand.ts'
import { SystemClock } from '../base/clock.ts'
import { dnsLimits } from '../base/limits/limits.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { SystemRandom } from '../base/random.ts'
import { type Domain, parseDomain } from '../protocol/mailbox.ts'
import { StubResolver } from './stub-resolver.ts'
import { nameServer } from './system-resolvers.ts'
import { type Asked, ZoneServer, type ZoneServerOptions } from './zone-server.ts'

const zone = `
; a shop and its friends
example.org 3600 IN SOA ns.example.org hostmaster.example.org 1 7200 900 86400 120
example.org 600 IN MX 20 mx2.Example.Org.
example.org 900 IN MX 10 mx1.example.org
example.org IN TXT "v=spf1 " "-all"
null.example IN MX 0 .
mx1.example.org 300 IN A 192.0.2.1
mx1.example.org 300 IN A 192.0.2.2
mx1.example.org 300 IN AAAA 2001:db8::1
www.example.org 60 IN CNAME cdn.example.net
cdn.example.net 120 IN CNAME edge.example.net
edge.example.net 300 IN A 198.51.100.7
dangling.example.org IN CNAME nowhere.example.org
one.loop.example IN CNAME two.loop.example
two.loop.example IN CNAME one.loop.example
1.2.0.192.in-addr.arpa IN PTR mx1.example.org
brief.example 1 IN A 192.0.2.9
`

async function started(options: ZoneServerOptions = {}) {
  const asked: Asked[] = []
  const onQuestion = (question: Asked): void => void asked.push(question)
  const server = await ZoneServer.start({ zone, onQuestion, ...options })
  const clock = new ManualClock()
  const resolver = new StubResolver({
    servers: [nameServer(server.address, server.port)],
    clock,
    random: new SystemRandom(),
  })
  return {
    server,
    clock,
    resolver,
    asked,
    async [Symbol.asyncDispose]() {
      await resolver[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

function domain(text: string): Domain {
  const parsed = parseDomain(text)
  assert.ok(parsed)
  return parsed
}

test('every type of record is read, with the shortest time to live of its set', async () => {
  await using dns = await started()
  const { resolver } = dns
  assert.deepEqual(await resolver.mx(domain('example.org')), {
    kind: 'found',
    records: [
      { preference: 20, exchange: 'mx2.example.org' },
      { preference: 10, exchange: 'mx1.example.org' },
    ],
    ttl: 600_000,
    secure: false,
  })
  assert.deepEqual(await resolver.addresses('mx1.example.org.', 4), {
    kind: 'found',
    records: [
      { address: '192.0.2.1', family: 4 },
      { address: '192.0.2.2', family: 4 },
    ],
    ttl: 300_000,
    secure: false,
  })
  const records = async (answer: Promise<{ kind: string; records?: readonly unknown[] }>) =>
    (await answer).records
  assert.deepEqual(await records(resolver.addresses('MX1.example.org', 6)), [
    { address: '2001:db8::1', family: 6 },
  ])
  assert.deepEqual(await records(resolver.txt('example.org')), ['v=spf1 -all'])
  assert.deepEqual(await records(resolver.cname('www.example.org')), ['cdn.example.net'])
  assert.deepEqual(await records(resolver.ptr('192.0.2.1')), ['mx1.example.org'])
  assert.deepEqual(await records(resolver.mx(domain('null.example'))), [
    { preference: 0, exchange: '' },
  ])
})

test('a name without the type is none, a name that is not there is no such domain', async () => {
  await using dns = await started()
  const noMx = { kind: 'none', ttl: 120_000, secure: false }
  assert.deepEqual(await dns.resolver.mx(domain('mx1.example.org')), noMx)
  const noName = { kind: 'no-such-domain', ttl: 120_000, secure: false }
  assert.deepEqual(await dns.resolver.mx(domain('gone.example.org')), noName)
  // A name that only has names below it exists (RFC 8020).
  assert.equal((await dns.resolver.mx(domain('loop.example'))).kind, 'none')
})

test('aliases are followed, and hold no longer than their shortest link', async () => {
  await using dns = await started()
  const answer = await dns.resolver.addresses('www.example.org', 4)
  assert.deepEqual(answer, {
    kind: 'found',
    records: [{ address: '198.51.100.7', family: 4 }],
    ttl: 60_000,
    secure: false,
  })
  assert.equal((await dns.resolver.addresses('dangling.example.org', 4)).kind, 'no-such-domain')
  assert.equal((await dns.resolver.addresses('one.loop.example', 4)).kind, 'failed')
})

test('SERVFAIL and REFUSED are failures, and are asked again after a second', async () => {
  await using dns = await started({
    misbehaviour: { 'example.org': 'servfail', 'null.example': 'refuse' },
  })
  const failed = await dns.resolver.mx(domain('example.org'))
  assert.deepEqual(failed, { kind: 'failed', text: 'SERVFAIL' })
  assert.equal((await dns.resolver.mx(domain('null.example'))).kind, 'failed')
  await dns.resolver.mx(domain('example.org'))
  assert.equal(dns.asked.length, 2)
  dns.server.misbehave('example.org', null)
  dns.clock.advance(ms(dnsLimits.failureTtlMs))
  assert.equal((await dns.resolver.mx(domain('example.org'))).kind, 'found')
})

test('an answer too long for UDP is fetched by TCP', async () => {
  const long = Array.from({ length: 40 }, (_, at) => `x${at}`.padEnd(200, 'y'))
  await using dns = await started({
    records: [{ name: 'long.example', type: 'TXT', data: long.join('') }],
    misbehaviour: { 'example.org': 'truncate' },
  })
  const txt = await dns.resolver.txt('long.example')
  assert.equal(txt.kind === 'found' && txt.records[0], long.join(''))
  assert.equal((await dns.resolver.mx(domain('example.org'))).kind, 'found')
  assert.deepEqual(
    dns.asked.map(({ by }) => by),
    ['udp', 'tcp', 'udp', 'tcp'],
  )
})

test('an answer is kept for its time to live, counted down, and not a moment longer', async () => {
  await using dns = await started()
  await dns.resolver.mx(domain('example.org'))
  dns.clock.advance(ms(599_000))
  const kept = await dns.resolver.mx(domain('example.org'))
  assert.equal(kept.kind === 'found' && kept.ttl, 1_000)
  assert.equal(dns.asked.length, 1)
  dns.clock.advance(ms(1_000))
  await dns.resolver.mx(domain('example.org'))
  assert.equal(dns.asked.length, 2)
})

test('times to live are kept within bounds', async () => {
  await using dns = await started()
  const answer = await dns.resolver.addresses('brief.example', 4)
  assert.equal(answer.kind === 'found' && answer.ttl, dnsLimits.shortestTtlMs)
})

test('however many ask the same at once, one question goes out', async () => {
  await using dns = await started()
  const answers = await Promise.all(
    Array.from({ length: 100 }, () => dns.resolver.mx(domain('example.org'))),
  )
  assert.ok(answers.every((answer) => answer.kind === 'found'))
  assert.equal(dns.asked.length, 1)
})

test('more questions than may be in flight wait their turn and are all answered', async () => {
  const names = Array.from({ length: dnsLimits.inFlight * 3 }, (_, at) => `n${at}.example`)
  await using dns = await started({
    records: names.map((name) => ({ name, type: 'A', data: '192.0.2.5' })),
  })
  const answers = await Promise.all(names.map((name) => dns.resolver.addresses(name, 4)))
  assert.ok(answers.every((answer) => answer.kind === 'found'))
})

test('a server that does not answer is left for the next, and is not asked first again', async () => {
  const silentlyAsked: Asked[] = []
  await using silent = await ZoneServer.start({
    misbehaviour: { 'example.org': 'drop' },
    onQuestion: (asked) => {
      silentlyAsked.push(asked)
      clock.advance(ms(dnsLimits.queryMs))
    },
  })
  await using good = await ZoneServer.start({ zone })
  const clock = new ManualClock()
  const servers = [silent, good].map(({ address, port }) => nameServer(address, port))
  await using resolver = new StubResolver({ servers, clock, random: new SystemRandom() })
  assert.equal((await resolver.mx(domain('example.org'))).kind, 'found')
  assert.equal((await resolver.mx(domain('mx1.example.org'))).kind, 'none')
  assert.equal(silentlyAsked.length, 1)
})

test('silence of all servers is a failure after the attempts', async () => {
  const clock = new ManualClock()
  await using dns = await ZoneServer.start({
    misbehaviour: { 'example.org': 'drop' },
    onQuestion: () => clock.advance(ms(dnsLimits.queryMs)),
  })
  const servers = [nameServer(dns.address, dns.port)]
  await using resolver = new StubResolver({ servers, clock, random: new SystemRandom() })
  const answer = await resolver.mx(domain('example.org'))
  assert.deepEqual(answer, { kind: 'failed', text: 'no answer in 5.0 s' })
  assert.equal(clock.monotonic(), dnsLimits.queryMs * dnsLimits.attempts)
})

test('a resolver that is not there is a failure at once', async () => {
  const gone = await ZoneServer.start()
  await gone[Symbol.asyncDispose]()
  const servers = [nameServer(gone.address, gone.port)]
  const clock = new SystemClock()
  await using resolver = new StubResolver({ servers, clock, random: new SystemRandom() })
  const answer = await resolver.mx(domain('example.org'))
  assert.equal(answer.kind, 'failed')
})

test('the AD bit counts from a trusted server alone', async () => {
  await using server = await ZoneServer.start({ zone, isAuthentic: true })
  for (const isTrusted of [true, false]) {
    const servers = [{ address: server.address, port: server.port, isTrusted }]
    const clock = new ManualClock()
    await using resolver = new StubResolver({ servers, clock, random: new SystemRandom() })
    const answer = await resolver.mx(domain('example.org'))
    assert.equal(answer.kind === 'found' && answer.secure, isTrusted)
  }
})

test('a name that the DNS cannot hold does not exist, and nobody is asked', async () => {
  await using dns = await started()
  for (const name of [`${'a'.repeat(64)}.example`, 'a..example', 'a.'.repeat(130), ''])
    assert.equal((await dns.resolver.txt(name)).kind, 'no-such-domain', name)
  assert.equal(dns.asked.length, 0)
})

test('a closed resolver fails what is in flight', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const zoneOptions = {
    misbehaviour: { 'example.org': 'drop' } as const,
    onQuestion: () => resolve(),
  }
  await using server = await ZoneServer.start(zoneOptions)
  const servers = [nameServer(server.address, server.port)]
  const resolver = new StubResolver({
    servers,
    clock: new ManualClock(),
    random: new SystemRandom(),
  })
  const answer = resolver.mx(domain('example.org'))
  await promise
  await resolver[Symbol.asyncDispose]()
  assert.deepEqual(await answer, { kind: 'failed', text: 'the resolver is closed' })
})
