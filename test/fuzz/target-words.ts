// SPDX-License-Identifier: Apache-2.0
/** Small languages: a balancer's header, xtext, XCLIENT's attributes, and what is said after AUTH. */
import assert from 'node:assert/strict'
import { isIpv4, isIpv6 } from '../../src/protocol/ip-address.ts'
import { readProxyHeader } from '../../src/protocol/proxy-header.ts'
import { parseXclient } from '../../src/protocol/smtp/xclient.ts'
import { decodeXtext, encodeXtext } from '../../src/protocol/smtp/xtext.ts'
import { base64, newSession } from '../support/session-script.ts'
import type { FuzzTarget } from './targets.ts'

const BINARY = '\r\n\r\n\0\r\nQUIT\n'

/** A header is a header at its last octet and no earlier, whatever follows. */
export const proxyTarget: FuzzTarget = {
  seeds: [
    'PROXY TCP4 192.0.2.1 192.0.2.2 1 25\r\nEHLO x',
    'PROXY TCP6 2001:db8::1 ::1 65535 0\r\n',
    'PROXY UNKNOWN ff\r\n',
    Buffer.from(`${BINARY}\x21\x11\0\x0c\xc0\0\x02\x01\xc0\0\x02\x02\0\x01\0\x19`, 'latin1'),
    Buffer.from(`${BINARY}\x21\x21\0\x27${'\x20'.repeat(36)}\x04\0\0`, 'latin1'),
    Buffer.from(`${BINARY}\x20\0\0\0`, 'latin1'),
  ],
  tokens: [
    'PROXY ',
    'TCP4 ',
    'TCP6 ',
    'UNKNOWN',
    '\r\n',
    BINARY,
    '\x21\x11',
    '\0\x0c',
    '\x03\0\x04',
  ],
  run: (input) => {
    const found = readProxyHeader(input)
    if (found.kind !== 'header') return
    assert.ok(found.octets > 0 && found.octets <= input.length)
    if (found.client !== null) assert.ok(isIpv4(found.client) || isIpv6(found.client))
    assert.deepEqual(readProxyHeader(input.subarray(0, found.octets)), found)
    for (let octets = 1; octets < found.octets; octets++)
      assert.equal(readProxyHeader(input.subarray(0, octets)).kind, 'incomplete')
  },
}

export const xtextTarget: FuzzTarget = {
  seeds: ['a+2Bb', '+C3+BC', 'plain', '+2b', '+FF'],
  tokens: ['+', '+2B', '+3D', '+C3', '+00'],
  run: (input) => {
    const text = input.toString('latin1')
    const decoded = decodeXtext(text)
    if (decoded !== null) assert.equal(decodeXtext(encodeXtext(decoded)), decoded)
    const utf8 = input.toString('utf8')
    assert.equal(decodeXtext(encodeXtext(utf8)), utf8)
    assert.match(encodeXtext(utf8), /^[!-~]*$/)
  },
}

export const xclientTarget: FuzzTarget = {
  seeds: [
    'ADDR=192.0.2.1 HELO=x PROTO=SMTP',
    'ADDR=IPV6:2001:db8::1 PORT=[UNAVAILABLE]',
    'NAME=[TEMPUNAVAIL]',
  ],
  tokens: ['ADDR=', 'HELO=', 'PROTO=', 'NAME=', 'PORT=', '[UNAVAILABLE]', 'IPV6:', '+20', ' '],
  run: (input) => {
    const claim = parseXclient(input.toString('latin1'))
    if (claim === null) return
    if (claim.address !== null) assert.ok(isIpv4(claim.address) || isIpv6(claim.address))
    if (claim.helo !== null) assert.match(claim.helo, /^[!-~]{1,255}$/)
  },
}

/** The first line follows `AUTH `, the others are said in base64: what the mechanisms read. */
export const saslTarget: FuzzTarget = {
  seeds: [
    `PLAIN\n\0me\0right`,
    'LOGIN\nme\nright',
    'SCRAM-SHA-256\nn,,n=me,r=nonce\nc=biws,r=nonceserver,p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=',
    `SCRAM-SHA-256 ${base64('n,a=me,n=me,r=x')}\nc=bixhPW1lLA==,r=xserver,p=A`,
    'PLAIN =\n',
  ],
  tokens: [
    '\n',
    'n,,',
    'y,,',
    'p=',
    ',r=',
    'n=',
    'a=',
    '=2C',
    '=3D',
    'c=biws',
    'SCRAM-SHA-256',
    '\0',
    ',p=',
  ],
  run: (input) => {
    const session = newSession()
    session.line(Buffer.from('EHLO c.example'))
    const [mechanism = '', ...lines] = input.toString('latin1').split('\n')
    session.line(Buffer.from(`AUTH ${mechanism}`.slice(0, 500), 'latin1'))
    for (const line of lines) {
      if (session.state.kind !== 'login') break
      session.line(Buffer.from(Buffer.from(line, 'latin1').toString('base64')))
      if (session.identity === null) continue
      assert.ok(
        lines.some((each) => each.includes('right') || each.includes('p=')),
        'nobody knew the secret',
      )
    }
    assert.ok(['ready', 'login', 'greeted', 'closed'].includes(session.state.kind))
  },
}
