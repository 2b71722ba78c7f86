// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { crc32 } from 'node:zlib'
import { instant } from '../../base/brand.ts'
import { journalId, lsn } from '../../events/ids.ts'
import {
  decodeSegmentHeader,
  encodeSegmentHeader,
  parseSegmentName,
  segmentName,
} from './segment.ts'

const header = {
  family: 'event',
  journal: journalId(513),
  firstLsn: lsn(2 ** 40 + 3),
  madeAt: instant(1_790_000_000_123),
  salt: 0xfedc_ba98,
  previous: { firstLsn: lsn(2 ** 40), end: 2 ** 33 + 8 },
} as const

describe('a segment header', () => {
  it('is read as it was written', () => {
    assert.deepEqual(decodeSegmentHeader(encodeSegmentHeader(header)), header)
  })

  it('survives any one damaged octet', () => {
    const whole = encodeSegmentHeader(header)
    for (let at = 0; at < whole.length; at++) {
      const octets = Buffer.from(whole)
      octets[at] = (octets[at] ?? 0) ^ 0x40
      assert.deepEqual(decodeSegmentHeader(octets), header)
    }
  })

  it('is none where both copies are damaged, or the file is too short', () => {
    const octets = encodeSegmentHeader(header)
    octets[20] = 0xaa
    octets[84] = 0xaa
    assert.equal(decodeSegmentHeader(octets), null)
    assert.equal(decodeSegmentHeader(Buffer.alloc(0)), null)
  })

  it('of a newer format is refused, not misread', () => {
    const octets = encodeSegmentHeader(header)
    octets.writeUInt16LE(9, 8)
    octets.writeUInt32LE(crc32(octets.subarray(0, 60)), 60)
    assert.throws(() => decodeSegmentHeader(octets), { code: 'RLY_DATA_DIR_NEWER' })
  })
})

describe('a segment name', () => {
  it('says family and first LSN, and sorts by it', () => {
    assert.equal(segmentName('mail', 17), 'mail-0000000000000017.seg')
    assert.deepEqual(parseSegmentName('mail-0000000000000017.seg'), {
      family: 'mail',
      firstLsn: 17,
    })
    assert.equal(parseSegmentName('mail-17.seg'), null)
    assert.equal(parseSegmentName('index.sqlite'), null)
  })
})
