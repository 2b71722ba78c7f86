// SPDX-License-Identifier: Apache-2.0
/**
 * The event segments of a journal that somebody else may own and write to: read, and never touched. Mail segments are
 * copied forward and rewritten; event segments only grow and, when their time is over, go. So what is synced can be read by whoever
 * may open the files. A failing disk may give a segment's name to another file, hence a file is opened for each read.
 */
import { join } from 'node:path'
import { systemCode } from '../../base/errors.ts'
import type { JournalFile, JournalFiles } from './journal-files.ts'
import {
  decodeSegmentHeader,
  parseSegmentName,
  SEGMENT_HEADER_OCTETS,
  segmentName,
} from './segment.ts'

export class ForeignSegments {
  readonly #folder: string
  readonly #files: JournalFiles
  /** First LSNs, in order. */
  #firsts: readonly number[] = []
  #salt: number | null = null

  constructor(folder: string, files: JournalFiles) {
    this.#folder = folder
    this.#files = files
  }

  /** Sees which segments there are now. */
  async look(): Promise<void> {
    const names = (await this.#files.list(this.#folder)).map(parseSegmentName)
    this.#firsts = names
      .flatMap((parsed) => (parsed?.family === 'event' ? [Number(parsed.firstLsn)] : []))
      .sort((one, other) => one - other)
  }

  /** The segment that has the first event after `lsn`, or may have it; as seen last. */
  holding(lsn: number): number | null {
    return this.#firsts.findLast((first) => first <= lsn + 1) ?? this.#firsts[0] ?? null
  }

  newestFirst(): readonly number[] {
    return this.#firsts.toReversed()
  }

  after(segment: number): number | null {
    return this.#firsts.find((first) => first > segment) ?? null
  }

  /** `null` where the segment is gone, or no segment of the journal has a readable header. */
  async read<T>(
    first: number,
    work: (file: JournalFile, salt: number) => Promise<T>,
  ): Promise<T | null> {
    const salt = this.#salt ?? (await this.#findSalt(first))
    if (salt === null) return null
    return this.#open(first, (file) => work(file, salt))
  }

  /** The same in all segments: where a header is damaged another one has it. */
  async #findSalt(first: number): Promise<number | null> {
    for (const segment of [first, ...this.#firsts]) {
      const header = await this.#open(segment, async (file) => {
        const octets = Buffer.alloc(SEGMENT_HEADER_OCTETS)
        await file.read(octets, 0)
        return decodeSegmentHeader(octets)
      })
      if (header === null) continue
      this.#salt = header.salt
      return header.salt
    }
    return null
  }

  async #open<T>(first: number, work: (file: JournalFile) => Promise<T>): Promise<T | null> {
    let file: JournalFile
    try {
      file = await this.#files.open(join(this.#folder, segmentName('event', first)), 'read')
    } catch (thrown) {
      // Its time was over.
      if (systemCode(thrown) === 'ENOENT') return null
      throw thrown
    }
    try {
      return await work(file)
    } finally {
      await file.close()
    }
  }
}
