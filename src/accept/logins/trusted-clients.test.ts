// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Slug } from '../../records/records.ts'
import { type TrustedClient, TrustedClients } from './trusted-clients.ts'

function network(address: string, family: 4 | 6, prefix: number, tenant: string): TrustedClient {
  return {
    network: { address, family, prefix },
    certificate: null,
    tenant: tenant as Slug,
    stream: null,
  }
}

const networks = new TrustedClients([
  network('10.20.0.0', 4, 16, 'inner'),
  network('10.0.0.0', 4, 8, 'outer'),
  network('192.0.2.7', 4, 32, 'single'),
  network('2001:db8::', 6, 32, 'six'),
])

for (const [address, tenant] of [
  ['10.20.255.255', 'inner'],
  ['10.21.0.0', 'outer'],
  ['192.0.2.7', 'single'],
  ['192.0.2.8', undefined],
  ['2001:db8:ffff::1', 'six'],
  ['2001:db9::1', undefined],
  ['127.0.0.1', undefined],
] as const)
  test(`${address} is trusted for ${tenant ?? 'nobody'}`, () => {
    assert.equal(networks.find(address, null)?.tenant, tenant)
  })

test('Without entries nobody is trusted', () => {
  assert.equal(new TrustedClients([]).find('127.0.0.1', null), null)
})
