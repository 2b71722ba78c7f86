// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { clientLimits } from '../../base/limits/limits.ts'
import { type Reply, reply } from '../reply.ts'
import { isFault, type ReplyFault, ReplyReader } from './reply-reader.ts'

function readAll(octets: Buffer, size = octets.length): (Reply | ReplyFault)[] {
  const reader = new ReplyReader()
  const found: (Reply | ReplyFault)[] = []
  for (let at = 0; at < octets.length; at += Math.max(1, size)) {
    reader.push(octets.subarray(at, at + Math.max(1, size)))
    for (let next = reader.next(); next !== null; next = reader.next()) {
      found.push(next)
      if (isFault(next)) return found
    }
  }
  return found
}

const cases: readonly (readonly [what: string, octets: string, expected: Reply])[] = [
  ['one line', '250 ok\r\n', reply(250, null, 'ok')],
  ['a code alone', '250\r\n', reply(250, null, '')],
  ['bare LF', '220 hi\n', reply(220, null, 'hi')],
  ['several lines', '250-a\r\n250-\r\n250 c\r\n', reply(250, null, 'a\n\nc')],
  ['an enhanced code', '550 5.1.1 No such user\r\n', reply(550, '5.1.1', 'No such user')],
  ['one on each line', '550-5.7.1 a\r\n550 5.7.1 b\r\n', reply(550, '5.7.1', 'a\nb')],
  ['one on the first line', '550-5.7.1 a\r\n550 b\r\n', reply(550, '5.7.1', 'a\nb')],
  ['one alone', '250 2.0.0\r\n', reply(250, '2.0.0', '')],
  ['one of another class', '550 4.7.1 x\r\n', reply(550, null, '4.7.1 x')],
  ['what only looks like one', '250 2.0.0.1 x\r\n', reply(250, null, '2.0.0.1 x')],
  ['codes that differ', '250-a\r\n550 b\r\n', reply(550, null, 'a\nb')],
  ['control characters', '250 a\tb\x00\x1b[31mc\r\n', reply(250, null, 'a b[31mc')],
  ['no UTF-8', '250 caf\xe9\r\n', reply(250, null, 'caf\ufffd')],
]

for (const [what, octets, expected] of cases)
  test(`A reply with ${what} is read, in any chunking`, () => {
    const buffer = Buffer.from(octets, 'latin1')
    for (let size = 1; size <= buffer.length; size++)
      assert.deepEqual(readAll(buffer, size), [expected])
  })

const nonsense: readonly (readonly [what: string, octets: string, text: string])[] = [
  ['no code', 'hello\r\n', 'a line without a reply code'],
  ['an empty line', '\r\n', 'a line without a reply code'],
  ['a code below 200', '150 wait\r\n', 'a line without a reply code'],
  ['a code above 599', '600 x\r\n', 'a line without a reply code'],
  ['no space after the code', '2500\r\n', 'a line without a reply code'],
  ['a line of 100,000 octets', `250 ${'x'.repeat(100_000)}\r\n`, 'a reply line that is too long'],
  ['no end of line in 100,000 octets', 'x'.repeat(100_000), 'a reply line without end'],
  ['100,000 octets in lines', '250-xxxxxxxxxx\r\n'.repeat(6_000), 'a reply of too many lines'],
  [
    '80,000 octets in long lines',
    `250-${'x'.repeat(8_000)}\r\n`.repeat(10),
    'a reply that is too long',
  ],
]

for (const [what, octets, text] of nonsense)
  test(`A peer that sends ${what} is at fault`, () => {
    assert.deepEqual(readAll(Buffer.from(octets)), [{ kind: 'fault', text }])
  })

test('A reply at the limits is read, and one over each is a fault', () => {
  const { replyLines, replyLineOctets } = clientLimits
  const lines = (count: number): Buffer => Buffer.from(`${'250-x\r\n'.repeat(count - 1)}250 x\r\n`)
  const line = (octets: number): Buffer => Buffer.from(`250 ${'x'.repeat(octets - 5)}\r\n`)
  assert.deepEqual(readAll(lines(replyLines)), [
    reply(250, null, new Array(replyLines).fill('x').join('\n')),
  ])
  assert.equal(readAll(line(replyLineOctets)).some(isFault), false)
  assert.equal(readAll(lines(replyLines + 1)).some(isFault), true)
  assert.equal(readAll(line(replyLineOctets + 1)).some(isFault), true)
})

test('After a fault the reader says nothing else', () => {
  const reader = new ReplyReader()
  reader.push(Buffer.from('nonsense\r\n250 ok\r\n'))
  const fault = reader.next()
  assert.ok(fault && isFault(fault))
  reader.push(Buffer.from('250 ok\r\n'))
  assert.equal(reader.next(), fault)
})

test('Whatever octets come in whatever chunks, nothing is thrown and bounds hold', () => {
  const octets = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc
      .array(fc.constantFrom('250', '-', ' ', '\r', '\n', '5.1.1', 'x', '\xff'), { maxLength: 80 })
      .map((parts) => Buffer.from(parts.join(''), 'latin1')),
  )
  fc.assert(
    fc.property(octets, fc.integer({ min: 1, max: 50 }), (bytes, size) => {
      const whole = readAll(Buffer.from(bytes))
      assert.deepEqual(readAll(Buffer.from(bytes), size), whole)
      for (const found of whole) {
        if (isFault(found)) continue
        assert.ok(found.code >= 200 && found.code <= 599)
        assert.ok(found.text.length <= clientLimits.replyOctets)
        assert.doesNotMatch(found.text.replaceAll('\n', ''), /\p{Cc}/u)
      }
    }),
  )
})

test('Replies that are written are read as they were', () => {
  const line = fc.string({ unit: 'grapheme-ascii', maxLength: 40 }).map((text) => `x${text}`)
  const replies = fc.array(
    fc.record({
      code: fc.integer({ min: 200, max: 599 }),
      lines: fc.array(line, { minLength: 1, maxLength: 5 }),
    }),
  )
  fc.assert(
    fc.property(replies, fc.integer({ min: 1, max: 20 }), (written, size) => {
      const octets = written
        .flatMap(({ code, lines }) =>
          lines.map((text, at) => `${code}${at < lines.length - 1 ? '-' : ' '}${text}\r\n`),
        )
        .join('')
      assert.deepEqual(
        readAll(Buffer.from(octets), size),
        written.map(({ code, lines }) => reply(code, null, lines.join('\n'))),
      )
    }),
  )
})
