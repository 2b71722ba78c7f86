// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ms } from '../../src/base/brand.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SeededRandom, SystemRandom } from '../../src/base/random.ts'
import { type RouteResult, Router } from '../../src/delivery/routing/routing.ts'
import type { RoutingSettings } from '../../src/delivery/routing/routing-rules.ts'
import { resolveHosts } from '../../src/delivery/routing/routing-targets.ts'
import { TargetGuard } from '../../src/delivery/routing/target-guard.ts'
import { StubResolver } from '../../src/dns/stub-resolver.ts'
import { nameServer } from '../../src/dns/system-resolvers.ts'
import { ZoneServer } from '../../src/dns/zone-server.ts'
import { type Domain, parseDomain } from '../../src/protocol/mailbox.ts'
import { formatReply } from '../../src/protocol/reply.ts'
import { PeerNetworks } from '../../src/smtp/peer-networks.ts'
import { noGuard } from '../support/receiver-client.ts'

const zone = `
example.org 600 MX 20 mx2.example.net
example.org 600 MX 10 mx1.example.net
example.com 600 MX 10 mx2.example.net
example.com 600 MX 10 mx1.example.net
mx1.example.net A 192.0.2.1
mx1.example.net A 192.0.2.2
mx1.example.net A 192.0.2.3
mx1.example.net AAAA 2001:db8::1
mx2.example.net A 192.0.2.9
bare.example A 192.0.2.5
six.example AAAA 2001:db8::6
six.example TXT "only IPv6"
no.mail.example MX 0 .
text.example TXT "no mail here"
alias.example CNAME example.org
lost.example MX 10 gone.example.net
down.example MX 10 broken.example.net
aliased.example MX 10 cname.example.net
cname.example.net CNAME mx2.example.net
numeric.example MX 10 192.0.2.1
doubled.example MX 20 mx2.example.net
doubled.example MX 30 twice.example.net
doubled.example MX 10 twice.example.net
doubled.example MX 10 TWICE.example.net
twice.example.net A 192.0.2.7
twice.example.net A 192.0.2.8
twice.example.net A 192.0.2.7
mixed.example MX 10 192.0.2.1
mixed.example MX 20 .
mixed.example MX 30 mx2.example.net
inward.example MX 10 inner.example.net
inward.example MX 20 mx2.example.net
inner.example.net A 127.0.0.1
loop.example MX 10 RELAY.example.net
loop.example MX 20 mx2.example.net
backup.example MX 10 mx2.example.net
backup.example MX 20 relay.example.net
backup.example MX 30 mx1.example.net
relay.example.net A 198.51.100.1
here.example A 198.51.100.2
`

async function started(rules: Partial<RoutingSettings> = {}, guard = noGuard) {
  let questions = 0
  const server = await ZoneServer.start({
    zone,
    misbehaviour: { 'servfail.example': 'servfail', 'broken.example.net': 'servfail' },
    onQuestion: () => void questions++,
  })
  const clock = new ManualClock()
  const servers = [nameServer(server.address, server.port)]
  const resolver = new StubResolver({ servers, clock, random: new SystemRandom() })
  const router = new Router({
    resolver,
    clock,
    sandboxPort: () => Promise.resolve(2_500),
    rules: {
      routes: [],
      sites: [],
      tls: 'opportunistic',
      domainRuleOf: () => null,
      shapedTlsOf: () => null,
      addressFamilies: [],
      ...rules,
    },
  })
  return {
    clock,
    resolver,
    random: new SeededRandom(1),
    guard,
    router,
    questions: () => questions,
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

function said(result: RouteResult): string {
  if (result.kind === 'site') return `${result.site} ${result.port}`
  return `${result.kind} ${result.reply.code} ${result.reply.enhanced}`
}

test('every domain has a site, a permanent refusal or a transient one', async () => {
  await using dns = await started()
  const expected = {
    'example.org': '(mx1|mx2).example.net 25',
    'example.com': '(mx1|mx2).example.net 25',
    'alias.example': '(mx1|mx2).example.net 25',
    'bare.example': 'bare.example 25',
    'six.example': 'six.example 25',
    'lost.example': 'gone.example.net 25',
    'aliased.example': 'cname.example.net 25',
    'numeric.example': 'permanent 550 5.4.4',
    'mixed.example': 'mx2.example.net 25',
    'no.mail.example': 'permanent 556 5.1.10',
    'gone.example': 'permanent 550 5.1.2',
    'text.example': 'permanent 550 5.1.2',
    'servfail.example': 'transient 451 4.4.3',
    '[192.0.2.1]': '[192.0.2.1] 25',
    '[IPv6:2001:db8::1]': '[ipv6:2001:db8::1] 25',
    '[300.1.1.1]': 'permanent 550 5.1.3',
  }
  for (const [name, result] of Object.entries(expected))
    assert.equal(said(await dns.router.route(domain(name))), result, name)
})

test('a configured route is taken without a question', async () => {
  await using dns = await started({
    routes: [
      { domain: '*', host: '127.0.0.1', port: 2_526 },
      { domain: 'example.org', host: 'smart.example', port: 587 },
    ],
  })
  assert.equal(said(await dns.router.route(domain('example.org'))), 'smart.example:587 587')
  assert.equal(said(await dns.router.route(domain('gone.example'))), '127.0.0.1:2526 2526')
  assert.equal(dns.questions(), 0)
})

test('a route is known without waiting while it is fresh', async () => {
  await using dns = await started()
  assert.equal(dns.router.known(domain('example.org')), null)
  const route = await dns.router.route(domain('example.org'))
  assert.equal(route.kind === 'site' && route.freshUntil, 600_000)
  dns.clock.advance(ms(599_999))
  assert.equal(dns.router.known(domain('example.org')), route)
  dns.clock.advance(ms(1))
  assert.equal(dns.router.known(domain('example.org')), null)
  await dns.router.route(domain('servfail.example'))
  assert.equal(dns.router.known(domain('servfail.example')), null)
})

test('hosts are resolved in order of preference, for the families of the source', async () => {
  await using dns = await started()
  const route = await dns.router.route(domain('example.org'))
  assert.ok(route.kind === 'site')
  const both = await resolveHosts(route, [6, 4], dns)
  assert.ok(both.kind === 'found')
  assert.deepEqual(
    both.targets.map(({ host, family }) => `${host} ${family}`),
    ['mx1.example.net 6', 'mx1.example.net 4', 'mx1.example.net 4', 'mx2.example.net 4'],
  )
  const one = await resolveHosts(route, [4], dns)
  assert.equal(one.kind === 'found' && one.targets.length, 4)
})

test('hosts without an address of the family are permanent, hosts that cannot be asked are not', async () => {
  await using dns = await started()
  const outcome = async (name: string, families: (4 | 6)[]) => {
    const route = await dns.router.route(domain(name))
    assert.ok(route.kind === 'site')
    const result = await resolveHosts(route, families, dns)
    return result.kind === 'found' ? result.targets[0]?.address : result.reply.enhanced
  }
  assert.equal(await outcome('lost.example', [4, 6]), '5.4.4')
  assert.equal(await outcome('down.example', [4]), '4.4.3')
  assert.equal(await outcome('six.example', [4]), '5.4.4')
  assert.equal(await outcome('six.example', [6]), '2001:db8::6')
  assert.equal(await outcome('[192.0.2.77]', [4]), '192.0.2.77')
})

test('a host that is an address or localhost is not asked for', async () => {
  await using dns = await started()
  const hosts = [
    { name: 'localhost', preference: 0 },
    { name: '2001:db8::5', preference: 1 },
  ]
  const found = await resolveHosts({ hosts, port: 25, isConfigured: true }, [4, 6], dns)
  assert.ok(found.kind === 'found')
  assert.deepEqual(
    found.targets.map((target) => target.address),
    ['127.0.0.1', '::1', '2001:db8::5'],
  )
  assert.equal(dns.questions(), 0)
})

test('domains with the same hosts and different rules for TLS are sites of their own', async () => {
  const names = ['mx.example.com']
  await using dns = await started({
    sites: [
      { domain: 'example.com', tls: 'verify', tlsNames: names },
      { domain: '*.example', tls: 'none', tlsNames: [] },
    ],
    routes: [{ domain: 'sure.example', host: '192.0.2.1', port: 587 }],
  })
  const found: Record<string, unknown> = {}
  for (const name of ['example.org', 'example.com', 'alias.example', 'sure.example']) {
    const route = await dns.router.route(domain(name))
    assert.ok(route.kind === 'site')
    found[name] = [route.site, route.tls, route.tlsNames]
  }
  assert.deepEqual(found, {
    'example.org': ['(mx1|mx2).example.net', 'opportunistic', []],
    'example.com': ['(mx1|mx2).example.net+verify,mx.example.com', 'verify', names],
    'alias.example': ['(mx1|mx2).example.net+none', 'none', []],
    'sure.example': ['192.0.2.1:587+none', 'none', []],
  })
})

test('an MX that is an alias is followed, and keeps its name', async () => {
  await using dns = await started()
  const route = await dns.router.route(domain('aliased.example'))
  assert.ok(route.kind === 'site')
  const found = await resolveHosts(route, [4], dns)
  assert.deepEqual(found.kind === 'found' && found.targets, [
    { host: 'cname.example.net', address: '192.0.2.9', family: 4 },
  ])
})

test('a host and an address that stand there twice are one, in the better place', async () => {
  await using dns = await started()
  const route = await dns.router.route(domain('doubled.example'))
  assert.ok(route.kind === 'site')
  assert.equal(said(route), '(mx2|twice).example.net 25')
  const found = await resolveHosts(route, [4], dns)
  assert.ok(found.kind === 'found')
  const [mx2, ...twice] = found.targets.map(({ address }) => address).toReversed()
  assert.equal(mx2, '192.0.2.9')
  assert.deepEqual(twice.toSorted(), ['192.0.2.7', '192.0.2.8'])
})

const guard = new TargetGuard({
  refused: new PeerNetworks([{ address: '127.0.0.0', prefix: 8, family: 4 }]),
  ownNames: ['relay.example.net'],
  listeners: [{ host: '0.0.0.0', port: 25 }],
  ownAddresses: ['198.51.100.2'],
})

for (const [name, expected] of [
  ['inward.example', '192.0.2.9'],
  ['[127.0.0.1]', '550 5.4.4 Mail host 127.0.0.1 is at 127.0.0.1, where no mail goes'],
  [
    'loop.example',
    '550 5.4.6 Mail would loop back: relay.example.net is this relay, and no host is preferred to it',
  ],
  ['backup.example', '192.0.2.9'],
  [
    'here.example',
    '550 5.4.6 Mail would loop back: here.example is this relay, and no host is preferred to it',
  ],
  ['routed.example', '127.0.0.1'],
] as const)
  test(`mail to ${name} does not go where the DNS must not lead it`, async () => {
    const routes = [{ domain: 'routed.example', host: '127.0.0.1', port: 25 }]
    await using dns = await started({ routes }, guard)
    const route = await dns.router.route(domain(name))
    assert.ok(route.kind === 'site')
    const found = await resolveHosts(route, [4], dns)
    assert.equal(
      found.kind === 'found'
        ? found.targets.map(({ address }) => address).join(' ')
        : formatReply(found.reply),
      expected,
    )
  })

test('our own name on another port is another server', async () => {
  await using dns = await started({}, guard)
  const route = { hosts: [{ name: 'relay.example.net', preference: 0 }], isConfigured: false }
  assert.equal((await resolveHosts({ ...route, port: 26 }, [4], dns)).kind, 'found')
})
