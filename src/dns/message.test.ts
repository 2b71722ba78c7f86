// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decode, encode, RECURSION_AVAILABLE } from 'dns-packet'
import fc from 'fast-check'
import { dnsLimits } from '../base/limits/limits.ts'
import { readAnswer } from './answer.ts'
import { decodeResponse, encodeQuery, isAnswerTo, isAskable, Rcode } from './message.ts'

const question = { name: 'example.org', type: 'MX' } as const
const query = encodeQuery(7, question, true)

function response(octets: Partial<Parameters<typeof encode>[0]>): Buffer {
  return encode({ type: 'response', id: 7, questions: [question], ...octets })
}

test('a query asks one question, for recursion, with EDNS', () => {
  const packet = decode(query)
  assert.deepEqual(packet.questions, [{ name: 'example.org', type: 'MX', class: 'IN' }])
  assert.ok(packet.flag_rd)
  const [opt] = packet.additionals ?? []
  assert.equal(opt?.type === 'OPT' && opt.udpPayloadSize, dnsLimits.udpOctets)
  assert.deepEqual(decode(encodeQuery(7, question, false)).additionals, [])
})

test('an answer repeats id and question, and a query is no answer', () => {
  assert.ok(isAnswerTo(query, response({})))
  assert.ok(!isAnswerTo(query, response({ id: 8 })))
  assert.ok(!isAnswerTo(query, response({ questions: [{ name: 'example.org', type: 'A' }] })))
  assert.ok(!isAnswerTo(query, response({ questions: [] })))
  assert.ok(isAnswerTo(query, response({ questions: [], flags: Rcode.formatError })))
  assert.ok(!isAnswerTo(query, query))
})

test('whatever comes, reading it does not throw', () => {
  const mutated = fc
    .record({ at: fc.nat(200), octet: fc.nat(255), cut: fc.nat(200) })
    .map(({ at, octet, cut }) => {
      const octets = response({
        answers: [
          { type: 'CNAME', name: 'example.org', data: 'example.net' },
          { type: 'MX', name: 'example.net', data: { preference: 1, exchange: 'mx.example.net' } },
          { type: 'TXT', name: 'example.net', data: 'text' },
        ],
      })
      octets[at % octets.length] = octet
      return octets.subarray(0, octets.length - (cut % 60))
    })
  const garbage = fc.uint8Array({ maxLength: 600 }).map((octets) => Buffer.from(octets))
  fc.assert(
    fc.property(fc.oneof(mutated, garbage), (octets) => {
      isAnswerTo(query, octets)
      const read = decodeResponse(octets)
      if (read) readAnswer(read, question, true)
    }),
    { numRuns: 2_000 },
  )
})

test('what is not of class IN says nothing: no record, no alias, no time to live', () => {
  const soa = {
    type: 'SOA',
    name: 'example.org',
    ttl: 900,
    data: { mname: 'ns.example.org', rname: 'root.example.org', minimum: 900 },
  } as const
  const octets = (chaos: 'IN' | 'CH') =>
    response({
      flags: RECURSION_AVAILABLE,
      answers: [
        { type: 'CNAME', name: 'example.org', class: chaos, data: 'evil.example' },
        {
          type: 'MX',
          name: 'example.org',
          class: chaos,
          data: { preference: 1, exchange: 'mx.evil.example' },
        },
      ],
      authorities: [{ ...soa, class: chaos }],
    })
  const read = (chaos: 'IN' | 'CH') => decodeResponse(octets(chaos))
  assert.equal(read('IN')?.records.length, 2)
  assert.equal(read('IN')?.negativeTtl, 900_000)
  assert.deepEqual(read('CH')?.records, [])
  assert.equal(read('CH')?.negativeTtl, null)
  const other = read('CH')
  assert.ok(other)
  const reading = readAnswer(other, question, true)
  assert.equal(reading.kind === 'answer' && reading.answer.kind, 'none')
})

test('names that point at themselves or at each other are no answer', () => {
  const octets = response({ answers: [{ type: 'CNAME', name: 'example.org', data: 'a.example' }] })
  const ownerAt = octets.length - encodedLength('example.org', 'a.example')
  octets.writeUInt16BE(0xc000 | ownerAt, ownerAt)
  assert.equal(decodeResponse(octets), null)
})

test('an answer of more records than the bound is no answer', () => {
  const octets = response({})
  octets.writeUInt16BE(dnsLimits.recordsPerAnswer + 1, 6)
  assert.equal(decodeResponse(octets), null)
})

test('TC is seen even where the records are cut off in the middle', () => {
  const octets = response({ answers: [{ type: 'A', name: 'example.org', data: '192.0.2.1' }] })
  octets.writeUInt16BE(octets.readUInt16BE(2) | 0x0200, 2)
  assert.equal(decodeResponse(octets.subarray(0, octets.length - 3))?.isTruncated, true)
})

test('a name has labels of 1 to 63 octets and at most 253 in all', () => {
  assert.ok(isAskable('_dmarc.example.org'))
  assert.ok(isAskable(`${'a'.repeat(63)}.example`))
  for (const name of ['', '.', 'a..b', 'a.', `${'a'.repeat(64)}.example`, 'ab.'.repeat(85)])
    assert.ok(!isAskable(name), name)
})

function encodedLength(owner: string, target: string): number {
  const fixedOctets = 10
  return owner.length + 2 + fixedOctets + target.length + 2
}
