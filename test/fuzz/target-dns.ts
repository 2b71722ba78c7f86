// SPDX-License-Identifier: Apache-2.0
/** A name server's answer, and what is made of it. */
import assert from 'node:assert/strict'
import { type Answer, encode } from 'dns-packet'
import { lowerCase, readAnswer } from '../../src/dns/answer.ts'
import {
  decodeResponse,
  encodeQuery,
  isAnswerTo,
  isAskable,
  type Question,
} from '../../src/dns/message.ts'
import type { FuzzTarget } from './targets.ts'

const question: Question = { name: 'a.example', type: 'MX' }
const query = encodeQuery(7, question, true)

function response(answers: readonly Answer[], authorities: readonly Answer[] = []): Buffer {
  return encode({
    type: 'response',
    id: 7,
    flags: 0x8180,
    questions: [{ ...question }],
    answers: [...answers],
    authorities: [...authorities],
  })
}

export const dnsTarget: FuzzTarget = {
  seeds: [
    response([
      { type: 'MX', name: 'a.example', ttl: 60, data: { preference: 5, exchange: 'm.example' } },
    ]),
    response([
      { type: 'CNAME', name: 'a.example', ttl: 60, data: 'b.example' },
      { type: 'MX', name: 'b.example', ttl: 60, data: { preference: 0, exchange: '.' } },
      { type: 'A', name: 'm.example', ttl: 60, data: '192.0.2.1' },
      { type: 'AAAA', name: 'm.example', ttl: 60, data: '2001:db8::1' },
      { type: 'TXT', name: 'a.example', ttl: 60, data: ['x', 'y'] },
    ]),
    response(
      [],
      [
        {
          type: 'SOA',
          name: 'example',
          ttl: 60,
          data: { mname: 'x', rname: 'y', serial: 1, refresh: 2, retry: 3, expire: 4, minimum: 5 },
        },
      ],
    ),
    query,
  ],
  tokens: [
    '\x01a\x07example\0',
    '\xc0\x0c',
    '\0\x0f\0\x01',
    '\0\x05\0\x01',
    '\0\x06\0\x01',
    '\0\x29',
    '\0\x10\0\x01',
  ],
  run: (input) => {
    isAnswerTo(query, input)
    const decoded = decodeResponse(input)
    if (decoded === null) return
    for (const type of ['MX', 'A', 'CNAME', 'TXT'] as const) {
      const reading = readAnswer(decoded, { ...question, type }, true)
      if (reading.kind === 'alias') isAskable(reading.target)
      else if (reading.answer.kind === 'found')
        for (const record of reading.answer.records)
          if (record.type === 'MX') lowerCase(record.data.exchange)
      const ttl =
        reading.kind === 'alias' ? reading.ttl : 'ttl' in reading.answer ? reading.answer.ttl : 0
      assert.ok(Number.isFinite(ttl) && ttl >= 0)
    }
  },
}
