// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { crc32c } from '../base/crc32c.ts'
import { beginsProxyHeader, readProxyHeader } from './proxy-header.ts'

const SIGNATURE = '0d0a0d0a000d0a515549540a'
const IPV4 = 'cb007107c0000219303900 19'.replace(' ', '')
const IPV6 = `20010db8${'00'.repeat(11)}05${'20010db8'}${'00'.repeat(11)}0630390019`

/** A header of version 2 from hexadecimal pieces. */
function binary(command: string, family: string, body: string): Buffer {
  const length = (body.length / 2).toString(16).padStart(4, '0')
  return Buffer.from(SIGNATURE + command + family + length + body, 'hex')
}

function line(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}

for (const [what, input, client] of [
  ['TCP4', line('PROXY TCP4 203.0.113.7 192.0.2.25 12345 25\r\n'), '203.0.113.7'],
  ['TCP6', line('PROXY TCP6 2001:DB8::5 2001:db8::6 12345 25\r\n'), '2001:db8::5'],
  ['UNKNOWN', line('PROXY UNKNOWN\r\n'), null],
  ['UNKNOWN with words', line('PROXY UNKNOWN ffff:: ff:: 65535 65535\r\n'), null],
  ['version 2, IPv4', binary('21', '11', IPV4), '203.0.113.7'],
  ['version 2, IPv6', binary('21', '21', IPV6), '2001:db8::5'],
  [
    'version 2, IPv4 in IPv6',
    binary('21', '21', `${'00'.repeat(10)}ffffcb007107${'00'.repeat(20)}`),
    '203.0.113.7',
  ],
  ['version 2, LOCAL', binary('20', '00', ''), null],
  ['version 2, LOCAL with what is skipped', binary('20', '11', 'abcd'), null],
  ['version 2, UNSPEC with what is skipped', binary('21', '00', 'abcd'), null],
  ['version 2, a Unix socket', binary('21', '31', '00'.repeat(216)), null],
  [
    'version 2, with extensions',
    binary('21', '11', `${IPV4}01000568656c6c6f040000`),
    '203.0.113.7',
  ],
] as const)
  test(`A header is read: ${what}, in any splits, and no octet more`, () => {
    const rest = Buffer.from('EHLO client.example\r\n')
    assert.deepEqual(readProxyHeader(Buffer.concat([input, rest])), {
      kind: 'header',
      octets: input.length,
      client,
    })
    for (let length = 0; length < input.length; length++)
      assert.equal(readProxyHeader(input.subarray(0, length)).kind, 'incomplete')
  })

for (const [what, input, why] of [
  ['a command of SMTP', line('EHLO client.example\r\n'), /does not begin/],
  ['a line without an end', line(`PROXY UNKNOWN ${'x'.repeat(107)}`), /line is too long/],
  ['a line that is too long', line(`PROXY UNKNOWN ${'x'.repeat(92)}\r\n`), /line is too long/],
  ['another family', line('PROXY UDP4 1.1.1.1 1.1.1.1 1 1\r\n'), /family/],
  ['a family in lower case', line('PROXY tcp4 1.1.1.1 1.1.1.1 1 1\r\n'), /family/],
  ['addresses of the other family', line('PROXY TCP4 ::1 ::1 1 1\r\n'), /no addresses/],
  ['an octet with a leading zero', line('PROXY TCP4 01.1.1.1 1.1.1.1 1 1\r\n'), /no addresses/],
  ['a port out of range', line('PROXY TCP4 1.1.1.1 1.1.1.1 65536 1\r\n'), /no ports/],
  ['a port with a leading zero', line('PROXY TCP4 1.1.1.1 1.1.1.1 1 01\r\n'), /no ports/],
  ['two spaces', line('PROXY TCP4  1.1.1.1 1.1.1.1 1 1\r\n'), /no addresses/],
  ['words after the ports', line('PROXY TCP4 1.1.1.1 1.1.1.1 1 1 x\r\n'), /no ports/],
  ['version 3', binary('31', '11', IPV4), /version is 3/],
  ['an unknown command', binary('22', '11', IPV4), /command is 2/],
  ['an unknown family', binary('21', '41', IPV4), /unknown/],
  ['an unknown protocol', binary('21', '13', IPV4), /unknown/],
  ['addresses that are cut', binary('21', '11', IPV4.slice(2)), /do not fit/],
  ['a length out of bounds', binary('21', '11', '00'.repeat(4_096)), /octets long/],
  ['an extension that is cut', binary('21', '11', `${IPV4}0100`), /extension/],
  ['an extension that is too long', binary('21', '11', `${IPV4}010002aa`), /extension/],
  ['a wrong checksum', binary('21', '11', `${IPV4}030004deadbeef`), /checksum/],
  ['a checksum of three octets', binary('21', '11', `${IPV4}030003deadbe`), /checksum/],
] as const)
  test(`A header is refused: ${what}`, () => {
    const header = readProxyHeader(input)
    assert.match(header.kind === 'invalid' ? header.why : header.kind, why)
  })

test('A checksum is taken over the header with zeros in its place', () => {
  assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283)
  const header = binary('21', '11', `${IPV4}03000400000000`)
  header.writeUInt32BE(crc32c(header), header.length - 4)
  assert.equal(readProxyHeader(header).kind, 'header')
})

test('Any octets are read without a throw, and a valid header begins as one', () => {
  const starts = fc.constantFrom(
    SIGNATURE,
    `${SIGNATURE}2111`,
    line('PROXY TCP4 ').toString('hex'),
    '',
  )
  fc.assert(
    fc.property(starts, fc.uint8Array({ maxLength: 120 }), (start, octets) => {
      const input = Buffer.concat([Buffer.from(start, 'hex'), octets])
      const header = readProxyHeader(input)
      assert.equal(header.kind === 'invalid' || beginsProxyHeader(input), true)
      if (header.kind === 'header') assert.ok(header.octets <= input.length)
    }),
    { numRuns: 5_000 },
  )
})
