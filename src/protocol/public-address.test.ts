// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { BlockList, isIPv6 } from 'node:net'
import { test } from 'node:test'
import { specialRangeOf, specialRanges } from './public-address.ts'

test('Addresses of the Internet are nobody’s special purpose', () => {
  for (const address of [
    '1.1.1.1',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '192.167.255.255',
    '198.17.255.255',
    '198.20.0.0',
    '223.255.255.255',
    '2606:4700::1111',
    '2a00:1450:4001:800::200e',
    '64:ff9b::101:101',
  ])
    assert.equal(specialRangeOf(address), null, address)
})

test('What leads back to us, or to nobody, is told with its purpose', () => {
  const cases: Readonly<Record<string, RegExp>> = {
    '0.0.0.0': /this host/,
    '10.255.255.255': /private/,
    '100.64.0.1': /carrier/,
    '127.255.0.1': /loopback/,
    '169.254.169.254': /link-local/,
    '172.31.255.255': /private/,
    '192.0.2.1': /documentation/,
    '192.168.0.1': /private/,
    '224.0.0.1': /multicast/,
    '255.255.255.255': /reserved/,
    '::': /unspecified/,
    '::1': /loopback/,
    '::ffff:127.0.0.1': /IPv4/,
    '::ffff:808:808': /IPv4/,
    '::7f00:1': /global unicast/,
    '64:ff9b::7f00:1': /loopback/,
    '64:ff9b::a00:1': /private/,
    '64:ff9b:1::1': /local translator/,
    '100::1': /global unicast/,
    '2001::1': /protocols/,
    '2001:db8::1': /documentation/,
    '2002:7f00:1::': /6to4/,
    '3fff::1': /documentation/,
    '5f00::1': /global unicast/,
    'fc00::1': /private/,
    'fd12:3456:789a::1': /private/,
    'fe80::1': /link-local/,
    'fe80::1%eth0': /no address/,
    'fec0::1': /site-local/,
    'ff02::1': /multicast/,
    '127.1': /no address/,
    '0x7f.0.0.1': /no address/,
    localhost: /no address/,
    '': /no address/,
  }
  for (const [address, purpose] of Object.entries(cases))
    assert.match(specialRangeOf(address)?.purpose ?? 'public', purpose, address)
})

test('Both ends of each range are judged as Node judges them', () => {
  const list = new BlockList()
  for (const { network } of specialRanges) {
    const [address = '', bits = ''] = network.split('/')
    list.addSubnet(address, Number(bits), isIPv6(address) ? 'ipv6' : 'ipv4')
  }
  const numbers = Array.from({ length: 256 }, (_, octet) => octet)
  for (const first of numbers)
    for (const second of [0, 15, 16, 18, 20, 31, 32, 63, 64, 88, 127, 128, 168, 254]) {
      const address = `${first}.${second}.99.1`
      assert.equal(specialRangeOf(address) !== null, list.check(address), address)
    }
})
