// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { JournalFile } from './journal-files.ts'
import { CHUNK_OCTETS, RecentChunks } from './recent-chunks.ts'

class CountedFile {
  size = 0
  reads = 0
  isBroken = false

  get file(): JournalFile {
    return {
      read: async (into: Uint8Array, position: number) => {
        this.reads++
        if (this.isBroken) throw new Error('EIO')
        return Math.max(0, Math.min(into.length, this.size - position))
      },
    } as unknown as JournalFile
  }
}

describe('What was read of a segment', () => {
  it('is read once by all who look there, until much else was read', async () => {
    const counted = new CountedFile()
    counted.size = 100 * CHUNK_OCTETS
    const { file } = counted
    const chunks = new RecentChunks()
    await Promise.all([chunks.read(file, 0), chunks.read(file, 0)])
    assert.equal((await chunks.read(file, 0)).length, CHUNK_OCTETS)
    assert.equal(counted.reads, 1)
    for (let at = 1; at <= 16; at++) await chunks.read(file, at * CHUNK_OCTETS)
    await chunks.read(file, 0)
    assert.equal(counted.reads, 18)
  })

  it('is another in another file', async () => {
    const counted = new CountedFile()
    counted.size = CHUNK_OCTETS
    const chunks = new RecentChunks()
    await chunks.read(counted.file, 0)
    await chunks.read(counted.file, 0)
    assert.equal(counted.reads, 2)
  })

  it('is read again where it may grow, and where it could not be read', async () => {
    const counted = new CountedFile()
    counted.size = 10
    const { file } = counted
    const chunks = new RecentChunks()
    assert.equal((await chunks.read(file, 0)).length, 10)
    counted.size = 20
    assert.equal((await chunks.read(file, 0)).length, 20)
    counted.isBroken = true
    await assert.rejects(chunks.read(file, 0))
    counted.isBroken = false
    assert.equal((await chunks.read(file, 0)).length, 20)
  })
})
