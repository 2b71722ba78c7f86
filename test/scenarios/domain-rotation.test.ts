// SPDX-License-Identifier: Apache-2.0
/** DKIM keys that give way to the next ones: made, seen in the DNS by packets, switched, retired; over restarts. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { days, hours, minutes } from '../../src/base/brand.ts'
import { rotateKeys } from '../../src/control/domains/domain-rotation.ts'
import { readDirectory } from '../../src/records/directory.ts'
import { installationScope } from '../../src/records/tenant-scope.ts'
import { DomainRig } from '../support/domain-rig.ts'
import { publish, withdraw } from '../support/published-records.ts'

const NAME = 'shop.example'

async function verifiedRig(): Promise<DomainRig> {
  const rig = await DomainRig.open()
  const { dns } = await rig.add(NAME)
  publish(rig.server, dns)
  await rig.roundAfter(minutes(1))
  assert.equal((await rig.show(NAME)).domain.state, 'verified')
  rig.told.length = 0
  return rig
}

function rotate(rig: DomainRig) {
  return rotateKeys({ ...rig.parts, host: rig.host }, installationScope, NAME)
}

async function keysIn(rig: DomainRig) {
  const { keys } = await rig.show(NAME)
  return Object.fromEntries(keys.map(({ selector, state }) => [selector, state]))
}

async function signers(rig: DomainRig) {
  const directory = await readDirectory(rig.records.store)
  const { domain } = await rig.show(NAME)
  return directory.keysOf(domain).map(({ selector }) => selector)
}

describe('a rotation of DKIM keys', () => {
  it('publishes, waits until the next keys are seen, switches, and retires the old ones; a restart at each step changes nothing', async () => {
    await using rig = await verifiedRig()
    const { domain, dns } = await rotate(rig)
    const next = dns.filter(({ about }) => about === 'dkim-next')
    const old = dns.filter(({ about }) => about === 'dkim')
    assert.deepEqual([next.length, domain.lacks], [2, ['dkim-next']])
    await rig.restart()
    await rotate(rig)
    assert.deepEqual(
      await keysIn(rig),
      { ph2026a: 'active', ph2026b: 'active', ph2026c: 'next', ph2026d: 'next' },
      'asked twice, made once',
    )

    await rig.restart()
    publish(rig.server, next.slice(0, 1))
    assert.equal(await rig.roundAfter(minutes(1)), 1, 'looked up at once')
    assert.deepEqual(await signers(rig), ['ph2026a', 'ph2026b'], 'one of two is not enough')

    await rig.restart()
    publish(rig.server, next.slice(1))
    await rig.roundAfter(minutes(3))
    assert.deepEqual(await signers(rig), ['ph2026c', 'ph2026d'])
    const switched = await rig.show(NAME)
    assert.deepEqual(
      [switched.domain.state, switched.domain.lacks, switched.domain.rotationAskedAt],
      ['verified', [], null],
    )

    await rig.restart()
    for (let day = 0; day < 33; day++) await rig.roundAfter(days(1))
    assert.deepEqual(
      await keysIn(rig),
      { ph2026a: 'retiring', ph2026b: 'retiring', ph2026c: 'active', ph2026d: 'active' },
      'mail may still be on its way: put off for 30 days, then tried for 4',
    )
    await rig.restart()
    for (let day = 0; day < 2; day++) await rig.roundAfter(days(1))
    assert.deepEqual(await keysIn(rig), { ph2026c: 'active', ph2026d: 'active' })
    assert.deepEqual(
      rig.told.map(({ type }) => type),
      ['domain.rotating', 'domain.rotated', 'domain.key-retired'],
    )
    withdraw(rig.server, old)
    for (let round = 0; round < 4; round++) await rig.roundAfter(hours(8))
    const { domain: last, dns: needed } = await rig.show(NAME)
    assert.deepEqual([last.state, last.lacks], ['verified', []], 'the old records may go')
    assert.equal(needed.filter(({ about }) => about.startsWith('dkim')).length, 2)
  })

  it('begins by itself when keys have signed for long enough, with letters that were not used before', async () => {
    await using rig = await verifiedRig()
    rig.rotateAfter = days(40)
    for (let day = 0; day < 39; day++) await rig.roundAfter(days(1))
    assert.deepEqual(await keysIn(rig), { ph2026a: 'active', ph2026b: 'active' })
    await rig.roundAfter(days(1))
    publish(
      rig.server,
      (await rig.show(NAME)).dns.filter(({ about }) => about === 'dkim-next'),
    )
    await rig.roundAfter(minutes(3))
    for (let day = 0; day < 41; day++) await rig.roundAfter(days(1))
    assert.deepEqual(await keysIn(rig), {
      ...{ ph2026c: 'active', ph2026d: 'active', ph2026e: 'next', ph2026f: 'next' },
    })
  })

  it('waits as long as the next keys are not published, and the old ones sign on', async () => {
    await using rig = await verifiedRig()
    await rotate(rig)
    for (let day = 0; day < 40; day++) await rig.roundAfter(days(1))
    assert.deepEqual(await signers(rig), ['ph2026a', 'ph2026b'])
    const { domain } = await rig.show(NAME)
    assert.deepEqual([domain.state, domain.lacks], ['verified', ['dkim-next']])
  })
})
