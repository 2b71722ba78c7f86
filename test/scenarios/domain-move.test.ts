// SPDX-License-Identifier: Apache-2.0
/** The return path of a domain moves, over a real name server: what works is not broken by it. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { hours } from '../../src/base/brand.ts'
import { moveDomain } from '../../src/control/domains/domain-move.ts'
import { dnsRecordsOf } from '../../src/records/domains/dns-records.ts'
import { installationScope } from '../../src/records/tenant-scope.ts'
import { DomainRig } from '../support/domain-rig.ts'
import { publish } from '../support/published-records.ts'

let rig: DomainRig

before(async () => {
  rig = await DomainRig.open()
})

after(() => rig[Symbol.asyncDispose]())

async function move(name: string, to: Parameters<typeof moveDomain>[3]) {
  await using resolver = rig.resolver()
  return await moveDomain(
    { resolver, records: rig.records, host: rig.host },
    installationScope,
    name,
    to,
  )
}

test('What is not seen in the DNS yet moves at once, and is looked for at the new place', async () => {
  await rig.add('new.example')
  const { domain, dns } = await move('new.example', { returnPathDomain: 'rp.new.example' })
  assert.equal(domain.returnPathDomain, 'rp.new.example')
  assert.deepEqual(
    dns.filter(({ name }) => name === 'rp.new.example').map(({ about }) => about),
    ['return-path', 'spf'],
  )
  publish(rig.server, dns)
  await rig.roundAfter(hours(2))
  assert.equal((await rig.show('new.example')).domain.state, 'verified')
})

test('Of a verified domain nothing moves to where its records are not, and it stays verified when they are', async () => {
  const { dns } = await rig.add('shop.example')
  publish(rig.server, dns)
  await rig.roundAfter(hours(2))
  const to = { returnPathDomain: 'b.shop.example', trackingDomain: 'go.shop.example' }
  await assert.rejects(move('shop.example', to), (thrown: Error) => {
    assert.match(thrown.message, /publish first b\.shop\.example MX "10 relay\.example"/)
    assert.match(thrown.message, /b\.shop\.example TXT "v=spf1 .*go\.shop\.example CNAME/)
    return true
  })
  const before = await rig.show('shop.example')
  assert.equal(before.domain.returnPathDomain, 'bounce.shop.example')
  const wanted = { ...before.domain, ...to } as typeof before.domain
  publish(rig.server, dnsRecordsOf(wanted, [], rig.host))
  const { domain } = await move('shop.example', to)
  assert.deepEqual(
    [domain.returnPathDomain, domain.trackingDomain, domain.state],
    ['b.shop.example', 'go.shop.example', 'verified'],
  )
  await rig.roundAfter(hours(30))
  assert.equal((await rig.show('shop.example')).domain.state, 'verified')
})

test('The return path has a domain of its own, and only what is given moves', async () => {
  await assert.rejects(move('shop.example', { returnPathDomain: 'shop.example' }), /of its own/)
  await assert.rejects(
    move('shop.example', { trackingDomain: 'no domain' }),
    /is no tracking domain/,
  )
  const { domain } = await move('shop.example', {})
  assert.equal(domain.returnPathDomain, 'b.shop.example')
})
