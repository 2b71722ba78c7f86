// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sampleDomain, sampleKey } from '../../../test/support/sample-domains.ts'
import { SystemClock } from '../../base/clock.ts'
import { SystemRandom } from '../../base/random.ts'
import { StubResolver } from '../../dns/stub-resolver.ts'
import { nameServer } from '../../dns/system-resolvers.ts'
import { ZoneServer } from '../../dns/zone-server.ts'
import { dnsRecordsOf, type SendingHost } from '../../records/domains/dns-records.ts'
import type { SigningKey } from '../../records/records.ts'
import { checkDomain, findingsOf } from './domain-check.ts'

const clock = new SystemClock()
const domain = sampleDomain('shop.example')
const key = sampleKey({ domain: domain.name, selector: 'a' })
const relay: SendingHost = { hostname: 'relay.example', addresses: ['192.0.2.1', '192.0.2.2'] }

async function foundAt(server: ZoneServer, keys: readonly SigningKey[], host: SendingHost = relay) {
  await using resolver = new StubResolver({
    servers: [nameServer(server.address, server.port, false)],
    clock,
    random: new SystemRandom(),
  })
  const dns = dnsRecordsOf(domain, keys, host)
  return await checkDomain({ resolver, clock, host }, { domain, keys, dns })
}

/** What is found where the zone is this. */
async function checked(zone: string, keys: readonly SigningKey[] = [key]) {
  await using server = await ZoneServer.start({ zone })
  return Object.fromEntries(
    (await foundAt(server, keys)).map(({ expected: { about }, state, why }) => [
      about,
      why === null ? state : `${state}: ${why}`,
    ]),
  )
}

test('What is published as it is expected is in order, however it is written', async () => {
  const zone = `
    a._domainkey.shop.example TXT "v=DKIM1; k=rsa; t=s; p=MI IB"
    bounce.shop.example       MX  5 relay.example
    bounce.shop.example       TXT "v=spf1 include:net.example ?all"
    net.example               TXT "v=spf1 ip4:192.0.2.0/24 -all"
    _dmarc.example            TXT "v=DMARC1; p=reject"
    click.shop.example        A   192.0.2.80
    relay.example             A   192.0.2.80`
  const records = { dkim: 'ok', 'return-path': 'ok', spf: 'ok', dmarc: 'ok', tracking: 'ok' }
  const ok = { ownership: 'ok', ...records }
  assert.deepEqual(await checked(zone), ok)
})

test('What is missing, or does something else, is named', async () => {
  assert.deepEqual(await checked('other.example TXT "nothing"'), {
    ownership: 'missing: nothing is published there',
    tracking: 'missing: nothing is published there',
    dkim: 'missing: nothing is published there',
    'return-path': 'missing: nothing is published there',
    spf: 'missing: nothing is published there',
    dmarc: 'missing: neither the domain nor one above it has a policy',
  })
  const zone = `
    a._domainkey.shop.example TXT "v=DKIM1; k=rsa; p=OTHER"
    bounce.shop.example       MX  5 elsewhere.example
    bounce.shop.example       TXT "v=spf1 ip4:192.0.2.1 ~all"
    click.shop.example        CNAME elsewhere.example
    _posthaste.shop.example   TXT "posthaste-domain=other"`
  const { dmarc: _, ...found } = await checked(zone)
  assert.deepEqual(found, {
    ownership: 'different: what is there is not for this account',
    tracking: 'different: links lead elsewhere, not to relay.example',
    dkim: 'different: the key there is another one',
    'return-path': 'different: bounces go elsewhere, not to relay.example',
    spf: 'different: mail from here does not pass: 192.0.2.2 gets "softfail"',
  })
})

test('Whose a domain is shows by its token, or by a key that was made here', async () => {
  const token = `_posthaste.shop.example TXT "posthaste-domain=${domain.ownershipToken}"`
  const record = 'a._domainkey.shop.example TXT "v=DKIM1; p=MIIB"'
  const taken = { ...key, isProof: false }
  for (const [zone, keys, expected] of [
    [token, [taken], 'ok'],
    [record, [key], 'ok'],
    [record, [taken], 'missing: nothing is published there'],
    [record, [{ ...key, publicKey: 'OTHER' }], 'missing: nothing is published there'],
  ] as const)
    assert.equal((await checked(zone, keys))['ownership'], expected)
})

test('A return path and a tracking host may be aliases of ours', async () => {
  const found = await checked(`
    bounce.shop.example CNAME relay.example
    click.shop.example  CNAME relay.example
    relay.example       TXT "v=spf1 ip4:192.0.2.0/24 -all"
    relay.example       A   192.0.2.1`)
  assert.deepEqual([found['return-path'], found['spf'], found['tracking']], ['ok', 'ok', 'ok'])
})

test('Several ways to break SPF come to no pass: too many look-ups, too many that find nothing, two records', async () => {
  const includes = Array.from({ length: 11 }, (_, at) => `include:n${at}.example`).join(' ')
  const nets = Array.from({ length: 11 }, (_, at) => `n${at}.example TXT "v=spf1 ?all"`).join('\n')
  for (const zone of [
    `bounce.shop.example TXT "v=spf1 ${includes} ip4:192.0.2.0/24 -all"\n${nets}`,
    'bounce.shop.example TXT "v=spf1 a:x.example a:y.example a:z.example ip4:192.0.2.0/24 -all"',
    'bounce.shop.example TXT "v=spf1 ip4:192.0.2.0/24 -all"\nbounce.shop.example TXT "v=spf1 -all"',
  ])
    assert.match(
      String((await checked(zone))['spf']),
      /^different: .*192\.0\.2\.1 gets "permerror"/,
    )
})

test('A DNS that fails says nothing of a record', async () => {
  await using server = await ZoneServer.start({
    zone: 'shop.example A 192.0.2.1',
    misbehaviour: Object.fromEntries(
      dnsRecordsOf(domain, [key], relay).map(({ name }) => [name, 'servfail' as const]),
    ),
  })
  const found = await foundAt(server, [key])
  assert.deepEqual(
    [...findingsOf(found).values()].map(({ state }) => state),
    Array(6).fill('unknown'),
  )
})

test('The worst of several records of a kind counts', async () => {
  await using server = await ZoneServer.start({ zone: 'a._domainkey.shop.example TXT "p=MIIB"' })
  const found = await foundAt(server, [key, { ...key, selector: 'b' }])
  assert.deepEqual(findingsOf(found).get('dkim'), {
    state: 'absent',
    why: 'b._domainkey.shop.example TXT: nothing is published there',
  })
})

test("Where links lead to another name than the relay's, a tracking host has to lead there too", async () => {
  const host = { ...relay, links: 'links.example' }
  const stateAt = async (zone: string) => {
    await using server = await ZoneServer.start({ zone })
    const found = await foundAt(server, [key], host)
    const tracking = found.find(({ expected }) => expected.about === 'tracking')
    return [tracking?.expected.value, tracking?.state, tracking?.why]
  }
  assert.deepEqual(await stateAt('click.shop.example CNAME links.example'), [
    ...['links.example', 'ok', null],
  ])
  assert.deepEqual(
    await stateAt('click.shop.example CNAME relay.example\nrelay.example A 192.0.2.1'),
    ['links.example', 'different', 'links lead elsewhere, not to links.example'],
  )
})
