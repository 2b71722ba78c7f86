// SPDX-License-Identifier: Apache-2.0
/** The segments of a journal as they lie in its folder: which there are, and handles to read them by. */
import { join } from 'node:path'
import { type Instant, instant } from '../../base/brand.ts'
import type { Lsn } from '../../events/ids.ts'
import type { JournalFile, JournalFiles } from './journal-files.ts'
import {
  decodeSegmentHeader,
  type Family,
  isUnfinished,
  parseSegmentName,
  SEGMENT_HEADER_OCTETS,
  type SegmentEnd,
  type SegmentHeader,
  segmentName,
} from './segment.ts'

/** Idle handles that are kept open; the one used longest ago is closed first. */
const IDLE_HANDLES = 64

export interface SegmentInfo {
  /** Of its first record; its name. */
  readonly first: Lsn
  readonly madeAt: Instant
}

interface Handle {
  readonly path: string
  readonly file: JournalFile
  users: number
  isRemoved: boolean
}

export class SegmentFiles {
  readonly #folder: string
  readonly #files: JournalFiles
  readonly #segments: Record<Family, readonly SegmentInfo[]> = { mail: [], event: [] }
  /** In order of last use. */
  readonly #handles = new Map<string, Handle>()

  constructor(folder: string, files: JournalFiles) {
    this.#folder = folder
    this.#files = files
  }

  /**
   * Finds the segments of the folder and returns the headers that are whole. Where a crash cut short the making of one
   * it is deleted; where it cut short the cutting of one, that is finished. Throws `RLY_DATA_DIR_NEWER`.
   */
  async list(): Promise<readonly SegmentHeader[]> {
    const headers: SegmentHeader[] = []
    for (const name of await this.#files.list(this.#folder)) {
      if (isUnfinished(name)) await this.#files.unlink(join(this.#folder, name))
      const parsed = parseSegmentName(name)
      if (parsed === null) continue
      const header = await this.#headerOf(join(this.#folder, name))
      const { family, firstLsn: first } = parsed
      await this.added(family, { first, madeAt: header?.madeAt ?? instant(0) })
      if (header !== null) headers.push(header)
    }
    for (const { family, previous } of headers) await this.cut(family, previous)
    return headers
  }

  /** In order of their LSNs. */
  all(family: Family): readonly SegmentInfo[] {
    return this.#segments[family]
  }

  last(family: Family): SegmentInfo | null {
    return this.#segments[family].at(-1) ?? null
  }

  /** The segment after the one that begins with `first`. */
  after(family: Family, first: number): SegmentInfo | null {
    return this.#segments[family].find((other) => other.first > first) ?? null
  }

  /** Makes sure that nothing is behind the end of a segment. */
  async cut(family: Family, { firstLsn, end }: SegmentEnd): Promise<void> {
    if (!this.#segments[family].some(({ first }) => first === firstLsn)) return
    const file = await this.#files.open(this.path(family, firstLsn), 'existing')
    try {
      if ((await file.size()) <= end) return
      await file.truncate(end)
      await file.datasync()
    } finally {
      await file.close()
    }
  }

  path(family: Family, first: number): string {
    return join(this.#folder, segmentName(family, first))
  }

  /** A new one, or one that takes the place of one of the same name of which nothing was synced. */
  async added(family: Family, segment: SegmentInfo): Promise<void> {
    const others = this.#segments[family].filter(({ first }) => first !== segment.first)
    this.#segments[family] = [...others, segment]
    await this.#forget(this.path(family, segment.first))
  }

  /** Runs `work` with a handle for reading; `null` where the segment is gone. */
  async read<T>(
    family: Family,
    first: number,
    work: (file: JournalFile) => Promise<T>,
  ): Promise<T | null> {
    if (!this.#segments[family].some((segment) => segment.first === first)) return null
    const handle = await this.#use(this.path(family, first))
    try {
      return await work(handle.file)
    } finally {
      await this.#release(handle)
    }
  }

  /** Deletes a segment for good; who reads it may finish. */
  async remove(family: Family, first: number): Promise<void> {
    const path = this.path(family, first)
    this.#segments[family] = this.#segments[family].filter((other) => other.first !== first)
    await this.#files.unlink(path)
    await this.#forget(path)
  }

  /** The file of that name is another one now, or none. */
  async #forget(path: string): Promise<void> {
    const handle = this.#handles.get(path)
    if (!handle) return
    this.#handles.delete(path)
    handle.isRemoved = true
    if (handle.users === 0) await handle.file.close()
  }

  async close(): Promise<void> {
    const handles = [...this.#handles.values()]
    this.#handles.clear()
    for (const handle of handles) {
      handle.isRemoved = true
      if (handle.users === 0) await handle.file.close()
    }
  }

  async #headerOf(path: string): Promise<SegmentHeader | null> {
    const file = await this.#files.open(path, 'read')
    try {
      const octets = Buffer.alloc(SEGMENT_HEADER_OCTETS)
      await file.read(octets, 0)
      return decodeSegmentHeader(octets)
    } finally {
      await file.close()
    }
  }

  async #use(path: string): Promise<Handle> {
    let handle = this.#handles.get(path)
    if (!handle) {
      const file = await this.#files.open(path, 'read')
      // Somebody else may have opened it meanwhile.
      const other = this.#handles.get(path)
      handle = other ?? { path, file, users: 0, isRemoved: false }
      handle.users++
      if (other) await file.close()
    } else handle.users++
    this.#handles.delete(path)
    this.#handles.set(path, handle)
    return handle
  }

  async #release(handle: Handle): Promise<void> {
    handle.users--
    if (handle.isRemoved) {
      if (handle.users === 0) await handle.file.close()
      return
    }
    if (this.#handles.size <= IDLE_HANDLES) return
    for (const idle of this.#handles.values()) {
      if (idle.users > 0) continue
      this.#handles.delete(idle.path)
      await idle.file.close()
      return
    }
  }
}
