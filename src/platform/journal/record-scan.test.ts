// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { MemoryFile } from '../../../test/support/memory-file.ts'
import { lsn } from '../../events/ids.ts'
import {
  RECORD_HEADER_OCTETS,
  type RecordKind,
  readRecordHeader,
  recordKinds,
  recordOctets,
  sealRecord,
} from './record.ts'
import { type Damage, scanRecords } from './record-scan.ts'
import { SEGMENT_HEADER_OCTETS } from './segment.ts'

interface Sample {
  readonly kind: RecordKind
  readonly flags: number
  readonly payload: Uint8Array
}

const SALT = 0x1234_5678

const kind = fc.constantFrom(...(Object.keys(recordKinds) as RecordKind[]))
const sample: fc.Arbitrary<Sample> = fc.record({
  kind,
  flags: fc.nat({ max: 0xffff }),
  payload: fc.uint8Array({ maxLength: 200 }),
})
const samples = fc.array(sample, { minLength: 1, maxLength: 8 })

function segmentOf(records: readonly Sample[], salt = SALT): Buffer {
  const parts = records.map(({ payload, ...header }, at) => {
    const record = Buffer.alloc(recordOctets(payload.length))
    record.set(payload, RECORD_HEADER_OCTETS)
    const payloadOctets = payload.length
    assert.equal(
      sealRecord(record, 0, { ...header, payloadOctets, lsn: lsn(at + 1) }, salt),
      record.length,
    )
    return record
  })
  return Buffer.concat([Buffer.alloc(SEGMENT_HEADER_OCTETS), ...parts])
}

async function scan(octets: Buffer) {
  const found: (Sample & { readonly lsn: number })[] = []
  const damaged: Damage[] = []
  let end = SEGMENT_HEADER_OCTETS
  for await (const window of scanRecords(new MemoryFile(octets), { salt: SALT })) {
    for (const { kind, flags, lsn, payload } of window.records)
      if (kind) found.push({ kind, flags, lsn, payload: Uint8Array.from(payload) })
    damaged.push(...window.damaged)
    end = window.end
  }
  return { found, damaged, end }
}

function numbered(records: readonly Sample[]) {
  return records.map((record, at) => ({ ...record, lsn: at + 1 }))
}

describe('the records of a segment', () => {
  it('are read as they were written', async () => {
    await fc.assert(
      fc.asyncProperty(samples, async (records) => {
        const octets = segmentOf(records)
        const { found, damaged, end } = await scan(octets)
        assert.deepEqual(found, numbered(records))
        assert.deepEqual(damaged, [])
        assert.equal(end, octets.length)
      }),
    )
  })

  it('are a whole number of them after any truncation, and never another', async () => {
    await fc.assert(
      fc.asyncProperty(
        samples,
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (records, cut) => {
          const octets = segmentOf(records)
          const body = octets.length - SEGMENT_HEADER_OCTETS
          const left = octets.subarray(0, SEGMENT_HEADER_OCTETS + Math.floor(body * cut))
          const { found } = await scan(left)
          assert.deepEqual(found, numbered(records).slice(0, found.length))
        },
      ),
    )
  })

  it('lose at most one to a changed octet, wherever it is, and never become another', async () => {
    await fc.assert(
      fc.asyncProperty(
        samples,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (records, at, by) => {
          const octets = segmentOf(records)
          const place = SEGMENT_HEADER_OCTETS + (at % (octets.length - SEGMENT_HEADER_OCTETS))
          octets[place] = (octets[place] ?? 0) ^ by
          const { found } = await scan(octets)
          assert.ok(found.length >= records.length - 1)
          const all = numbered(records)
          for (const one of found) assert.deepEqual(one, all[one.lsn - 1])
        },
      ),
      { numRuns: 500 },
    )
  })

  it('are not made by content that looks like one, even where the header before it is damaged', async () => {
    const forged = segmentOf([{ kind: 'mail', flags: 0, payload: Buffer.from('forged') }], SALT + 1)
    const payload = forged.subarray(SEGMENT_HEADER_OCTETS)
    const after = { kind: 'event', flags: 0, payload: Buffer.from('after') } as const
    const octets = segmentOf([{ kind: 'mail', flags: 0, payload }, after])
    octets[SEGMENT_HEADER_OCTETS + 8] = 0xff
    const { found, damaged } = await scan(octets)
    assert.deepEqual(
      found.map(({ lsn }) => lsn),
      [2],
    )
    const to = SEGMENT_HEADER_OCTETS + recordOctets(payload.length)
    assert.deepEqual(damaged, [{ from: SEGMENT_HEADER_OCTETS, to, why: 'no record header' }])
  })

  it('may be larger than what is read at once', async () => {
    const sizes = [10, 1_500_000, 40, 1_048_576 - RECORD_HEADER_OCTETS, 7]
    const records = sizes.map((size) => ({
      kind: 'mail' as const,
      flags: 0,
      payload: new Uint8Array(size).fill(size % 251),
    }))
    const octets = segmentOf(records)
    const { found } = await scan(octets)
    assert.deepEqual(
      found.map(({ payload }) => payload.length),
      sizes,
    )
    octets[SEGMENT_HEADER_OCTETS + recordOctets(10) + 16] = 0xff
    const rest = await scan(octets)
    assert.deepEqual(
      rest.found.map(({ lsn }) => lsn),
      [1, 3, 4, 5],
    )
  })
})

describe('a record header', () => {
  it('is none where the salt is another', () => {
    const octets = segmentOf([{ kind: 'mail', flags: 1, payload: Buffer.from('x') }])
    assert.ok(readRecordHeader(octets, SEGMENT_HEADER_OCTETS, SALT))
    assert.equal(readRecordHeader(octets, SEGMENT_HEADER_OCTETS, SALT + 1), null)
  })
})
