// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import type { NetworkInterfaceInfo } from 'node:os'
import { test } from 'node:test'
import type { EgressSourceName } from '../queue/egress.ts'
import { egressSources } from './egress-sources.ts'

function familiesOf(localAddress: string | null, ...ofMachine: readonly string[]) {
  const name = 'default' as EgressSourceName
  const machine = ofMachine.map((address) => ({ address, internal: false }) as NetworkInterfaceInfo)
  const loopback = [{ address: '::1', internal: true } as NetworkInterfaceInfo]
  const sources = [
    { name, localAddress, publicAddress: null, ehloName: 'relay.example', proxy: null },
  ]
  return egressSources({ sources }, { eth0: machine, lo: loopback })[0]?.families
}

test('A source with an address reaches its family alone, whatever the machine has', () => {
  assert.deepEqual(familiesOf('192.0.2.1', '192.0.2.1', '2001:db8::1'), [4])
  assert.deepEqual(familiesOf('2001:db8::1', '192.0.2.1', '2001:db8::1'), [6])
})

for (const [what, addresses, families] of [
  ['both families, IPv4 first', ['192.0.2.1', '2001:db8::1'], [4, 6]],
  ['IPv4 where that is all there is', ['10.0.0.7'], [4]],
  ['IPv6 where that is all there is', ['2a00:1450::5', 'fe80::5'], [6]],
  ['IPv4 where no IPv6 address leads to the Internet', ['10.0.0.7', 'fe80::1', 'fd00::2'], [4]],
  ['IPv4 where the machine has no network yet', [], [4]],
] as const)
  test(`Where the system chooses, a source reaches ${what}`, () => {
    assert.deepEqual(familiesOf(null, ...addresses), families)
  })
