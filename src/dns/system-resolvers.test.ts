// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nameServer, parseResolvConf, systemResolvers } from './system-resolvers.ts'

test('servers are read in order, three at most, and only loopback is trusted', () => {
  const text = `# made by hand
search example.org
nameserver 127.0.0.53
nameserver  2001:db8::53
nameserver nonsense
nameserver 192.0.2.53
nameserver 192.0.2.54`
  assert.deepEqual(parseResolvConf(text), [
    { address: '127.0.0.53', port: 53, isTrusted: true },
    { address: '2001:db8::53', port: 53, isTrusted: false },
    { address: '192.0.2.53', port: 53, isTrusted: false },
  ])
})

test('"options trust-ad" trusts all', () => {
  const [server] = parseResolvConf('nameserver 192.0.2.53\noptions edns0 trust-ad')
  assert.deepEqual(server, nameServer('192.0.2.53', 53, true))
})

test('without a file the machine itself is asked', async () => {
  assert.deepEqual(await systemResolvers('/nonexistent/resolv.conf'), [nameServer('127.0.0.1')])
})
