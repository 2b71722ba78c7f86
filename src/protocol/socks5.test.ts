// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readProxyHeader } from './proxy-header.ts'
import { proxyLine, proxyOctets } from './proxy-header-writing.ts'
import { addressOctets, readSocksReply, SocksNegotiation, socksRequest } from './socks5.ts'

const login = { user: 'relay', password: 'sécret' }
const octets = (...all: readonly number[]) => Buffer.from(all)
const whyOf = (found: object) => ('why' in found ? found.why : null)

describe('A SOCKS5 client (RFC 1928)', () => {
  it('offers no login, and one by password where it has one', () => {
    assert.deepEqual([...new SocksNegotiation(null).start()], [5, 1, 0])
    assert.deepEqual([...new SocksNegotiation(login).start()], [5, 2, 0, 2])
  })

  it('goes on at once where no login is wanted', () => {
    const negotiation = new SocksNegotiation(login)
    assert.equal(negotiation.read(octets(5)).kind, 'incomplete')
    assert.equal(negotiation.read(octets(5, 0)).kind, 'ready')
  })

  it('logs in by user and password (RFC 1929), counted in octets', () => {
    const negotiation = new SocksNegotiation(login)
    const step = negotiation.read(octets(5, 2))
    const secret = Buffer.from('sécret')
    const said = Buffer.concat([octets(1, 5), Buffer.from('relay'), octets(7), secret])
    assert.deepEqual(step.kind === 'say' && Buffer.from(step.octets), said)
    assert.equal(negotiation.read(octets(1, 0)).kind, 'ready')
  })

  it('says what is wrong with a proxy that is none, or not ours', () => {
    const first = (...answer: readonly number[]) =>
      whyOf(new SocksNegotiation(null).read(octets(...answer)))
    assert.match(String(first(4, 0x5a)), /it is no SOCKS5 proxy/)
    assert.match(String(first(0x48, 0x54)), /it is no SOCKS5 proxy/)
    assert.match(String(first(5, 0xff)), /it wants a login of another kind/)
    assert.match(String(first(5, 2)), /which was not offered/)
    assert.match(String(first(5, 0, 5, 0)), /out of turn/)
    const refused = new SocksNegotiation(login)
    refused.read(octets(5, 2))
    assert.match(String(whyOf(refused.read(octets(1, 1)))), /does not know our user or password/)
  })

  it('asks for addresses of both families', () => {
    assert.deepEqual([...socksRequest('192.0.2.1', 25)], [5, 1, 0, 1, 192, 0, 2, 1, 0, 25])
    const six = socksRequest('2001:db8::1', 2_525)
    assert.deepEqual([...six.subarray(0, 4)], [5, 1, 0, 4])
    assert.deepEqual(addressOctets('2001:db8::1').slice(0, 4), [0x20, 0x01, 0x0d, 0xb8])
    assert.deepEqual([...six.subarray(19)], [1, 9, 221])
  })

  it('finds where the reply ends, whatever kind of address it names, octet by octet', () => {
    const replies = [
      octets(5, 0, 0, 1, 10, 0, 0, 9, 4, 56),
      octets(5, 0, 0, 4, ...new Array<number>(16).fill(0), 4, 56),
      octets(5, 0, 0, 3, 3, 97, 98, 99, 4, 56),
    ]
    for (const reply of replies) {
      for (let at = 0; at < reply.length; at++)
        assert.equal(readSocksReply(reply.subarray(0, at)).kind, 'incomplete')
      const whole = readSocksReply(Buffer.concat([reply, Buffer.from('220 hello')]))
      assert.deepEqual(whole, { kind: 'through', octets: reply.length })
    }
  })

  it('lays no refusal of a target at the door of the proxy', () => {
    for (const code of [1, 2, 3, 4, 5, 6, 8, 99]) {
      const refused = readSocksReply(octets(5, code, 0, 1, 0, 0, 0, 0, 0, 0))
      assert.equal(refused.kind === 'failed' && refused.of, 'target', String(code))
    }
    for (const reply of [octets(5, 7, 0, 1), octets(4, 0, 0, 1, 0), octets(5, 0, 0, 9, 0)]) {
      const refused = readSocksReply(reply)
      assert.equal(refused.kind === 'failed' && refused.of, 'proxy')
    }
  })
})

describe('A PROXY header that is written', () => {
  it('reads as it was meant, in both versions and families', () => {
    const calls = [
      { source: '192.0.2.25', target: '198.51.100.7', port: 25 },
      { source: '2001:db8::25', target: '2001:db8:1::7', port: 2_525 },
    ]
    for (const call of calls)
      for (const write of [proxyLine, proxyOctets]) {
        const header = Buffer.from(write(call))
        const read = readProxyHeader(header)
        assert.deepEqual(read, { kind: 'header', octets: header.length, client: call.source })
      }
  })

  it('names the target by address and port', () => {
    const call = { source: '192.0.2.25', target: '198.51.100.7', port: 587 }
    assert.equal(
      Buffer.from(proxyLine(call)).toString(),
      'PROXY TCP4 192.0.2.25 198.51.100.7 0 587\r\n',
    )
    assert.deepEqual([...proxyOctets(call).subarray(20)], [198, 51, 100, 7, 0, 0, 2, 75])
  })
})
