// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type ContentFault, ContentReader } from './content-reader.ts'

const limits = { textLineOctets: 100, messageOctets: 10_000 }

interface Read {
  readonly content: string
  readonly rest: string
  readonly fault: ContentFault | null
  readonly hasEnded: boolean
}

/** Reads `octets` in chunks cut at `cuts`. */
function readDotStuffed(octets: Buffer, cuts: readonly number[] = []): Read {
  const reader = new ContentReader('dot-stuffed', limits)
  const edges = [...new Set([...cuts, octets.length])].sort((a, b) => a - b)
  const content: Buffer[] = []
  let at = 0
  for (const edge of edges) {
    if (reader.hasEnded) break
    at = reader.read(octets.subarray(0, edge), at)
    content.push(reader.content)
  }
  return {
    content: Buffer.concat(content).toString('latin1'),
    rest: octets.toString('latin1', at),
    fault: reader.fault,
    hasEnded: reader.hasEnded,
  }
}

function readText(text: string): Read {
  return readDotStuffed(Buffer.from(text, 'latin1'))
}

test('content ends at CRLF.CRLF and what follows is left', () => {
  const read = readText('a\r\n\r\nb\r\n.\r\nQUIT\r\n')
  assert.deepEqual(read, {
    content: 'a\r\n\r\nb\r\n',
    rest: 'QUIT\r\n',
    fault: null,
    hasEnded: true,
  })
})

test('a dot on the first line ends content that is empty', () => {
  assert.deepEqual(readText('.\r\n'), { content: '', rest: '', fault: null, hasEnded: true })
})

test('one leading dot is removed from every line', () => {
  const read = readText('..\r\n...a\r\n.b\r\na.\r\n.\r\n')
  assert.equal(read.content, '.\r\n..a\r\nb\r\na.\r\n')
})

const neverAnEnd: readonly (readonly [string, ContentFault])[] = [
  ['\n.\n', 'bare-line-end'],
  ['\n.\r', 'bare-line-end'],
  ['\n.\r\n', 'bare-line-end'],
  ['\r\n\0.\r\n', 'nul'],
  ['\r\n.\0\r\n', 'nul'],
  ['\r\n.\n', 'bare-line-end'],
  ['\r\n.\r', 'bare-line-end'],
  ['\r\n.\r\r\n', 'bare-line-end'],
  ['\r\r\n.\r\r\n', 'bare-line-end'],
  ['\r.\n', 'bare-line-end'],
  ['\r.\r', 'bare-line-end'],
  ['\r.\r\n', 'bare-line-end'],
]

for (const [sequence, fault] of neverAnEnd)
  test(`${JSON.stringify(sequence)} spoils content and does not end it`, () => {
    const read = readText(`a${sequence}MAIL FROM:<b@c>\r\n.\r\nQUIT`)
    assert.equal(read.fault, fault)
    assert.equal(read.rest, 'QUIT')
    assert.equal(read.content.includes('MAIL'), false)
  })

test('a line over the limit is a fault even while it goes on', () => {
  assert.equal(readText('x'.repeat(101)).fault, 'line-length')
  assert.equal(readText(`${'x'.repeat(99)}\r\n`).fault, 'line-length')
  assert.equal(readText(`${'x'.repeat(98)}\r\n`).fault, null)
})

test('content over the limit is a fault, and the end is found all the same', () => {
  const read = readText(`${'x\r\n'.repeat(3_334)}.\r\nNOOP`)
  assert.equal(read.fault, 'size')
  assert.equal(read.rest, 'NOOP')
})

test('counted content has no dots to remove, and gets the line end that it lacks', () => {
  const reader = new ContentReader('counted', limits)
  const octets = Buffer.from('..a\r\n.\r\nb')
  assert.equal(reader.read(octets), octets.length)
  assert.equal(reader.content.toString(), '..a\r\n.\r\nb')
  assert.equal(reader.hasEnded, false)
  assert.equal(reader.complete().toString(), '\r\n')
  assert.equal(reader.fault, null)
})

test('counted content that ends in CR is faulty', () => {
  const reader = new ContentReader('counted', limits)
  reader.read(Buffer.from('a\r'))
  assert.equal(reader.complete().length, 0)
  assert.equal(reader.fault, 'bare-line-end')
})

/** Octets that matter here are drawn often. */
const hostile = fc
  .array(fc.constantFrom('\r\n', '\r', '\n', '.', '\r\n.', '\r\n.\r\n', 'a', '\0', 'é'), {
    maxLength: 40,
  })
  .map((parts) => Buffer.from(parts.join(''), 'latin1'))

test('chunking changes nothing', () => {
  fc.assert(
    fc.property(hostile, fc.array(fc.nat(60)), (octets, cuts) => {
      const whole = readDotStuffed(octets)
      const inChunks = readDotStuffed(
        octets,
        cuts.filter((cut) => cut < octets.length),
      )
      if (whole.fault === null) assert.deepEqual(inChunks, whole)
      else assert.deepEqual({ ...inChunks, content: '' }, { ...whole, content: '' })
    }),
  )
})

test('the end is where CRLF.CRLF first stands, whatever else there is', () => {
  fc.assert(
    fc.property(hostile, (octets) => {
      const text = `\r\n${octets.toString('latin1')}`
      const end = text.indexOf('\r\n.\r\n')
      const read = readDotStuffed(octets)
      assert.equal(read.hasEnded, end >= 0)
      if (end >= 0) assert.equal(read.rest, text.slice(end + 5))
    }),
  )
})

test('what a client stuffs is read back', () => {
  const line = fc.string({ unit: fc.constantFrom('.', 'a', ' '), maxLength: 5 })
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat(60)), (lines, cuts) => {
      const content = lines.map((text) => `${text}\r\n`).join('')
      const stuffed = `${content.replaceAll(/^\./gm, '..')}.\r\n`
      const octets = Buffer.from(stuffed)
      const read = readDotStuffed(
        octets,
        cuts.filter((cut) => cut < octets.length),
      )
      assert.deepEqual(read, { content, rest: '', fault: null, hasEnded: true })
    }),
  )
})
