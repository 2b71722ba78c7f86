// SPDX-License-Identifier: Apache-2.0
/**
 * Pieces of segments that were read last. Reports come about mail of the same minutes, many at once, and each looks where others
 * have looked: it finds there what they read.
 *
 * Known limits: what a failing disk made the journal take back may be in it still, so what is not found here has to be looked for
 * in the file.
 */
import type { JournalFile } from './journal-files.ts'

/** Octets that are read at once. */
export const CHUNK_OCTETS = 64 * 1_024
/** The one that was read longest ago is forgotten first. */
const KEPT = 16

interface Chunk {
  readonly file: JournalFile
  readonly start: number
  readonly octets: Promise<Buffer>
}

export class RecentChunks {
  #kept: readonly Chunk[] = []

  /** What is at `start`; fewer octets than a chunk has only at the end of the file. */
  read(file: JournalFile, start: number): Promise<Buffer> {
    const known = this.#kept.find((chunk) => chunk.file === file && chunk.start === start)
    if (known !== undefined) return known.octets
    const chunk = { file, start, octets: readChunk(file, start) }
    this.#kept = [...this.#kept.slice(1 - KEPT), chunk]
    // More may be written behind the end of the file; and a disk that fails is asked again.
    chunk.octets.then(
      ({ length }) => length < CHUNK_OCTETS && this.#forget(chunk),
      () => this.#forget(chunk),
    )
    return chunk.octets
  }

  #forget(chunk: Chunk): void {
    this.#kept = this.#kept.filter((other) => other !== chunk)
  }
}

export async function readChunk(file: JournalFile, start: number): Promise<Buffer> {
  const octets = Buffer.allocUnsafe(CHUNK_OCTETS)
  return octets.subarray(0, await file.read(octets, start))
}
