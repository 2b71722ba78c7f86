// SPDX-License-Identifier: Apache-2.0
/** A file of the journal in memory, for tests of what is read from one. */
import type { JournalFile } from '../../src/platform/journal/open-journal.ts'

export class MemoryFile implements JournalFile {
  octets: Buffer

  constructor(octets: Buffer = Buffer.alloc(0)) {
    this.octets = octets
  }

  async write(octets: Uint8Array, position: number): Promise<number> {
    const size = Math.max(this.octets.length, position + octets.length)
    this.octets = Buffer.concat([this.octets], size)
    this.octets.set(octets, position)
    return octets.length
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    return this.octets.copy(into, 0, position)
  }

  async datasync(): Promise<void> {}

  async truncate(size: number): Promise<void> {
    this.octets = this.octets.subarray(0, size)
  }

  async size(): Promise<number> {
    return this.octets.length
  }

  async close(): Promise<void> {}
}
