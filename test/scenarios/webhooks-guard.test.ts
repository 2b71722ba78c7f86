// SPDX-License-Identifier: Apache-2.0
/** Whom webhooks may call: by the address that a name leads to at that moment, whatever it led to before. */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { SystemClock } from '../../src/base/clock.ts'
import { SystemRandom } from '../../src/base/random.ts'
import { AddressGuard } from '../../src/control/webhooks/address-guard.ts'
import { type EndpointAnswer, EndpointCaller } from '../../src/control/webhooks/endpoint-caller.ts'
import { StubResolver } from '../../src/dns/stub-resolver.ts'
import { nameServer } from '../../src/dns/system-resolvers.ts'
import { parseZoneFile } from '../../src/dns/zone-file.ts'
import { ZoneServer } from '../../src/dns/zone-server.ts'
import type { PeerPrefix } from '../../src/smtp/peer-networks.ts'
import { WebhookReceiver } from '../support/webhook-receiver.ts'

const clock = new SystemClock()
const loopback: PeerPrefix = { address: '127.0.0.1', prefix: 32, family: 4 }

describe('A call of an endpoint', () => {
  let zone: ZoneServer
  let receiver: WebhookReceiver
  let caller: EndpointCaller
  let allowed: PeerPrefix[]

  beforeEach(async () => {
    allowed = []
    zone = await ZoneServer.start({
      zone: [
        'here.example A 127.0.0.1',
        'six.example AAAA ::1',
        'both.example A 10.0.0.1',
        'both.example A 127.0.0.1',
        'mapped.example AAAA ::ffff:7f00:1',
        'meta.example A 169.254.169.254',
      ].join('\n'),
    })
    receiver = await WebhookReceiver.start()
    const servers = [nameServer(zone.address, zone.port)]
    const resolver = async () => new StubResolver({ servers, clock, random: new SystemRandom() })
    const guard = new AddressGuard({ resolver, allowed: () => allowed })
    caller = new EndpointCaller(guard, clock)
  })

  afterEach(async () => {
    caller.close()
    await receiver[Symbol.asyncDispose]()
    await zone[Symbol.asyncDispose]()
  })

  const call = (url: string): Promise<EndpointAnswer> =>
    caller.call({ url, fields: {}, body: Buffer.from('{"data":{}}') }, new AbortController().signal)

  async function refused(host: string, why: RegExp): Promise<void> {
    for (const scheme of ['http', 'https']) {
      const answer = await call(`${scheme}://${host}:${receiver.port}/`)
      assert.ok(answer.kind === 'failed', `${scheme}://${host}`)
      assert.match(answer.why, why)
    }
    assert.equal(receiver.told.length, 0)
  }

  for (const [host, why] of [
    ['here.example', /loopback address \(RFC 1122/],
    ['six.example', /loopback address \(RFC 4291/],
    ['both.example', /10\.0\.0\.1 is a private address .*127\.0\.0\.1 is a loopback/],
    ['mapped.example', /loopback|IPv4 address/],
    ['meta.example', /link-local/],
    ['absent.example', /no address in the DNS/],
    ['127.0.0.1', /loopback/],
    ['2130706433', /loopback/],
    ['0x7f.1', /loopback/],
    ['0177.0.0.1', /loopback/],
    ['[::1]', /loopback/],
    ['[::ffff:127.0.0.1]', /IPv4 address/],
    ['[64:ff9b::7f00:1]', /loopback/],
    ['0', /this host/],
  ] as const)
    it(`refuses ${host}`, () => refused(host, why))

  it('goes where the operator lets it, and nowhere else', async () => {
    allowed = [loopback]
    const answer = await call(`http://here.example:${receiver.port}/`)
    assert.ok(answer.kind === 'answered' && answer.status === 204)
    await call(`http://both.example:${receiver.port}/`)
    assert.equal(receiver.told.length, 2, 'of several addresses those that may be')
  })

  it('judges each connection anew: a name that leads elsewhere gains nothing', async () => {
    allowed = [loopback]
    const url = `http://here.example:${receiver.port}/`
    receiver.answer = () => ({ status: 200, headers: { connection: 'close' } })
    assert.equal((await call(url)).kind, 'answered')
    zone.zone.remove('here.example')
    for (const record of parseZoneFile('here.example A 10.0.0.5')) zone.zone.add(record)
    const answer = await call(url)
    assert.ok(answer.kind === 'failed' && /10\.0\.0\.5 is a private/.test(answer.why))
    assert.equal(receiver.told.length, 1)
  })

  it('follows no redirect', async () => {
    allowed = [loopback]
    await using other = await WebhookReceiver.start()
    receiver.answer = () => ({ status: 307, headers: { location: other.url } })
    const answer = await call(receiver.url)
    assert.ok(answer.kind === 'answered' && answer.status === 307)
    assert.equal(other.told.length, 0)
  })

  it('says http:// only where the operator has named the network', async () => {
    const answer = await call('http://192.0.43.8/')
    assert.ok(answer.kind === 'failed' && /http:\/\/ is for networks/.test(answer.why))
  })
})
