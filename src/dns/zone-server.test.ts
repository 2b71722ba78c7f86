// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { Resolver } from 'node:dns/promises'
import { test } from 'node:test'
import { parseZoneFile } from './zone-file.ts'
import { ZoneServer } from './zone-server.ts'

const zone = `
example.org 3600 IN SOA ns.example.org. hostmaster.example.org. 1 7200 900 86400 120
example.org. MX 10 mx.example.org. ; the only one
example.org IN TXT "a; \\"quoted\\" text" second
mx.example.org 60 A 192.0.2.1
mx.example.org IN AAAA 2001:db8::1
www.example.org CNAME mx.example.org
_imaps._tcp.example.org SRV 0 1 993 mx.example.org
1.2.0.192.in-addr.arpa PTR mx.example.org
`

/** The system's own resolver library, as an independent client. */
function clientOf(server: ZoneServer): Resolver {
  const client = new Resolver({ timeout: 2_000, tries: 1 })
  client.setServers([`${server.address}:${server.port}`])
  return client
}

test('another resolver understands what the zone server says', async () => {
  await using server = await ZoneServer.start({ zone })
  const client = clientOf(server)
  const [mx] = await client.resolveMx('example.org')
  assert.deepEqual([mx?.exchange, mx?.priority], ['mx.example.org', 10])
  assert.deepEqual(await client.resolve4('mx.example.org', { ttl: true }), [
    { address: '192.0.2.1', ttl: 60 },
  ])
  assert.deepEqual(await client.resolve6('www.example.org'), ['2001:db8::1'])
  assert.deepEqual(await client.resolveTxt('example.org'), [['a; "quoted" text', 'second']])
  assert.deepEqual(await client.reverse('192.0.2.1'), ['mx.example.org'])
  const soa = await client.resolveSoa('example.org')
  assert.equal(soa.minttl, 120)
  const [srv] = await client.resolveSrv('_imaps._tcp.example.org')
  assert.equal(srv?.port, 993)
})

test('another resolver sees NXDOMAIN, NODATA, SERVFAIL and refusal as such', async () => {
  await using server = await ZoneServer.start({
    zone,
    misbehaviour: { 'broken.example': 'servfail', 'closed.example': 'refuse' },
  })
  const client = clientOf(server)
  const refusals = {
    'gone.example.org': 'ENOTFOUND',
    'mx.example.org': 'ENODATA',
    'broken.example': 'ESERVFAIL',
    'closed.example': 'EREFUSED',
  }
  for (const [name, code] of Object.entries(refusals))
    await assert.rejects(client.resolveMx(name), { code }, name)
})

test('records come and go while it runs, and behaviour changes', async () => {
  await using server = await ZoneServer.start()
  const client = clientOf(server)
  server.zone.add({ name: 'New.example', type: 'A', data: '192.0.2.7' })
  assert.deepEqual(await client.resolve4('new.example'), ['192.0.2.7'])
  server.misbehave('new.example', 'nxdomain')
  await assert.rejects(client.resolve4('new.example'), { code: 'ENOTFOUND' })
  server.misbehave('new.example', null)
  server.zone.remove('new.example')
  await assert.rejects(client.resolve4('new.example'), { code: 'ENOTFOUND' })
})

test('a wrong line of a zone is named', () => {
  for (const line of ['example.org', 'example.org IN A 300.1.1.1', 'example.org MX mx', 'a WKS b'])
    assert.throws(() => parseZoneFile(`\n${line}`), /zone line 2: expected/, line)
})
