// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isLoopback, peerAddress, peerNetwork } from './peer-address.ts'

test('IPv4 that came by an IPv6 socket is IPv4', () => {
  assert.equal(peerAddress('::ffff:192.0.2.1'), '192.0.2.1')
  assert.equal(peerAddress('192.0.2.1'), '192.0.2.1')
  assert.equal(peerAddress('fe80::1%eth0'), 'fe80::1')
})

test('IPv6 clients count by their /64, others by their address', () => {
  assert.equal(peerNetwork('192.0.2.1'), '192.0.2.1')
  assert.equal(peerNetwork('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2::/64')
  assert.equal(peerNetwork('2001:db8::1'), '2001:db8:0:0::/64')
  assert.equal(peerNetwork('::1'), '0:0:0:0::/64')
  assert.equal(peerNetwork('1:2:3:4:5:6:7::'), '1:2:3:4::/64')
})

test('loopback is this machine', () => {
  assert.deepEqual(['127.0.0.1', '127.8.0.9', '::1', '128.0.0.1'].map(isLoopback), [
    true,
    true,
    true,
    false,
  ])
})
