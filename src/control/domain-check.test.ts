// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SystemClock } from '../base/clock.ts'
import { SystemRandom } from '../base/random.ts'
import { StubResolver } from '../dns/stub-resolver.ts'
import { nameServer } from '../dns/system-resolvers.ts'
import { ZoneServer } from '../dns/zone-server.ts'
import { dnsRecordsOf } from '../records/dns-records.ts'
import type { SendingDomain, SigningKey } from '../records/records.ts'
import { checkDomain } from './domain-check.ts'

const clock = new SystemClock()
const domain = { name: 'shop.example', returnPathDomain: 'bounce.shop.example' } as SendingDomain
const keys = [{ selector: 'a', algorithm: 'rsa-sha256', publicKey: 'MIIB' } as SigningKey]
const host = { hostname: 'relay.example', addresses: ['192.0.2.1', '192.0.2.2'] }

/** What is found where the zone is this. */
async function checked(zone: string) {
  await using server = await ZoneServer.start({ zone })
  await using resolver = new StubResolver({
    servers: [nameServer(server.address, server.port, false)],
    clock,
    random: new SystemRandom(),
  })
  const dns = dnsRecordsOf(domain, keys, host)
  const found = await checkDomain({ resolver, clock, host }, { domain, keys, dns })
  return Object.fromEntries(
    found.map(({ expected: { about }, state, why }) => [
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
    _dmarc.example            TXT "v=DMARC1; p=reject"`
  const ok = { dkim: 'ok', 'return-path': 'ok', spf: 'ok', dmarc: 'ok' }
  assert.deepEqual(await checked(zone), ok)
})

test('What is missing, or does something else, is named', async () => {
  assert.deepEqual(await checked('other.example TXT "nothing"'), {
    dkim: 'missing: nothing is published there',
    'return-path': 'missing: nothing is published there',
    spf: 'missing: nothing is published there',
    dmarc: 'missing: neither the domain nor one above it has a policy',
  })
  const zone = `
    a._domainkey.shop.example TXT "v=DKIM1; k=rsa; p=OTHER"
    bounce.shop.example       MX  5 elsewhere.example
    bounce.shop.example       TXT "v=spf1 ip4:192.0.2.1 ~all"`
  const { dmarc: _, ...found } = await checked(zone)
  assert.deepEqual(found, {
    dkim: 'different: the key there is another one',
    'return-path': 'different: bounces go elsewhere, not to relay.example',
    spf: 'different: mail from here does not pass: 192.0.2.2 gets "softfail"',
  })
})
