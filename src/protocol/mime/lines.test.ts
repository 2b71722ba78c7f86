// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isLongLine, LONGEST_LINE, LongLineScan, shortLines } from './lines.ts'

const longest = 'x'.repeat(LONGEST_LINE)

test('A line may have 998 octets beside its CRLF', () => {
  for (const line of ['', '\r\n', longest, `${longest}\r\n`])
    assert.equal(isLongLine(Buffer.from(line)), false)
  for (const line of [`${longest}x`, `${longest}x\r\n`, longest.repeat(9)])
    assert.equal(isLongLine(Buffer.from(line)), true)
})

test('The scan finds what a look at every line finds, in any chunks', () => {
  const piece = fc.oneof(
    fc.integer({ min: 0, max: 5 }),
    fc.integer({ min: LONGEST_LINE - 3, max: LONGEST_LINE + 3 }),
  )
  const line = fc.record({ length: piece, hasEnd: fc.boolean() })
  fc.assert(
    fc.property(fc.array(line, { maxLength: 6 }), fc.array(fc.nat(1_500)), (lines, cuts) => {
      const text = lines.map(({ length, hasEnd }) => 'x'.repeat(length) + (hasEnd ? '\r\n' : ''))
      const octets = Buffer.from(text.join(''))
      const scan = new LongLineScan()
      let at = 0
      for (const cut of cuts) {
        scan.update(octets.subarray(at, at + cut))
        at += cut
      }
      scan.update(octets.subarray(at))
      const expected = octets
        .toString()
        .split('\r\n')
        .some((one) => one.length > LONGEST_LINE)
      assert.equal(scan.hasFound, expected)
      assert.equal(shortLines(octets), wholeShortLines(octets.toString()))
    }),
  )
})

/** The slow way. */
function wholeShortLines(text: string): number {
  let length = 0
  for (const line of text.split(/(?<=\n)/)) {
    if (!line.endsWith('\n') || isLongLine(Buffer.from(line))) break
    length += line.length
  }
  return length
}
