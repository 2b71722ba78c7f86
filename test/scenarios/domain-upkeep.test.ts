// SPDX-License-Identifier: Apache-2.0
/** Sending domains that are looked up without being asked: from the DNS, by packets, into the records and events. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { days, hours, minutes } from '../../src/base/brand.ts'
import { domainLimits } from '../../src/base/limits/domain-limits.ts'
import { silentLog } from '../../src/base/log.ts'
import { lookUpDue } from '../../src/control/domains/domain-upkeep.ts'
import { removeDomain } from '../../src/records/domains/domain-service.ts'
import { installationScope, tenantScope } from '../../src/records/tenant-scope.ts'
import { DomainRig } from '../support/domain-rig.ts'
import { publish, withdraw } from '../support/published-records.ts'

describe('domains that nobody asks about', () => {
  it('are verified soon after their owner has published', async () => {
    await using rig = await DomainRig.open()
    const { dns } = await rig.add('shop.example')
    assert.equal(await rig.roundAfter(minutes(1)), 1)
    assert.deepEqual(rig.told, [])
    publish(rig.server, dns)
    assert.equal(await rig.roundAfter(minutes(3)), 1)
    assert.deepEqual(
      rig.told.map(({ type, domain, lacks }) => ({ type, domain, lacks })),
      [{ type: 'domain.verified', domain: 'shop.example', lacks: [] }],
    )
    assert.equal(await rig.roundAfter(hours(1)), 0, 'it is not due for hours')
    assert.equal(await rig.roundAfter(hours(7)), 1)
    assert.equal(rig.told.length, 1, 'nothing has changed')
  })

  it('fail when their records stay away, and not before; a restart does not begin anew', async () => {
    await using rig = await DomainRig.open()
    const { dns } = await rig.add('shop.example')
    publish(rig.server, dns)
    await rig.roundAfter(minutes(1))
    withdraw(
      rig.server,
      dns.filter(({ about }) => about === 'return-path'),
    )
    const states: string[] = []
    for (const wait of [hours(8), minutes(30), minutes(31)]) {
      assert.equal(await rig.roundAfter(wait), 1)
      states.push((await rig.show('shop.example')).domain.state)
      await rig.restart()
    }
    assert.deepEqual(states, ['verified', 'verified', 'failing'])
    const [, failing] = rig.told
    assert.equal(failing?.type, 'domain.failing')
    assert.match(failing?.text ?? '', /return-path: bounce\.shop\.example MX: nothing is published/)
    publish(
      rig.server,
      dns.filter(({ about }) => about === 'return-path' || about === 'spf'),
    )
    await rig.roundAfter(hours(2))
    assert.equal((await rig.show('shop.example')).domain.state, 'verified')
  })

  it('stay as they are while their name server is silent, refuses or fails', async () => {
    await using rig = await DomainRig.open()
    const { dns } = await rig.add('shop.example')
    publish(rig.server, dns)
    await rig.roundAfter(minutes(1))
    for (const { name } of dns) rig.server.misbehave(name, 'servfail')
    const version = await rig.records.store.version()
    for (let round = 0; round < 20; round++) assert.equal(await rig.roundAfter(days(1)), 1)
    assert.equal((await rig.show('shop.example')).domain.state, 'verified')
    assert.equal(await rig.records.store.version(), version, 'no record was written')
    for (const { name } of dns) rig.server.misbehave(name, null)
    withdraw(rig.server, dns)
    await rig.roundAfter(days(1))
    assert.equal((await rig.show('shop.example')).domain.state, 'verified', 'the first that counts')
  })

  it('change hands when the records of the first are gone, and no sooner', async () => {
    await using rig = await DomainRig.open()
    const before = tenantScope((await rig.add('shop.example')).domain.tenant)
    const after = await rig.addTenant('beta')
    const first = (await rig.show('shop.example', before)).dns
    publish(rig.server, first)
    await rig.roundAfter(minutes(1))
    const second = (await rig.add('shop.example', after)).dns
    const added = second.filter((record) => !first.some(({ value }) => value === record.value))
    publish(rig.server, added)
    const states = async () => [
      (await rig.show('shop.example', before)).domain.state,
      (await rig.show('shop.example', after)).domain.state,
    ]
    for (let round = 0; round < 6; round++) await rig.roundAfter(hours(8))
    assert.deepEqual(await states(), ['verified', 'pending'])
    const { stateReason } = (await rig.show('shop.example', after)).domain
    assert.match(stateReason ?? '', /verified for somebody else here/)
    withdraw(rig.server, first)
    publish(rig.server, second)
    for (let round = 0; round < 6; round++) await rig.roundAfter(hours(8))
    assert.deepEqual(await states(), ['failing', 'verified'])
    const { store } = rig.records
    const verified = (await store.domains.list()).filter(({ state }) => state === 'verified')
    assert.deepEqual(
      verified.map(({ tenant }) => tenant as string),
      ['beta'],
    )
  })

  it('are asked about a few at once, each once, and one that is gone keeps no other from its turn', async () => {
    await using rig = await DomainRig.open()
    const names = Array.from({ length: 12 }, (_, at) => `shop${at}.example`)
    for (const name of names) await rig.add(name)
    const asked: string[] = []
    let open = 0
    let most = 0
    const resolver = async () => {
      const real = rig.resolver()
      const txt = real.txt.bind(real)
      real.txt = async (name) => {
        if (!name.startsWith('_posthaste.')) return await txt(name)
        asked.push(name.slice('_posthaste.'.length))
        most = Math.max(most, ++open)
        const answer = await txt(name)
        open--
        return answer
      }
      return real
    }
    const signal = new AbortController().signal
    const round = lookUpDue({ ...rig.parts, resolver }, silentLog, signal)
    await removeDomain(rig.records, installationScope, 'shop11.example')
    assert.equal(await round, 12)
    assert.ok(most > 1 && most <= domainLimits.atOnce, `${most} at once`)
    for (const name of names.slice(0, 11))
      assert.equal(asked.filter((one) => one === name).length, 1, name)
  })
})
