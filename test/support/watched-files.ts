// SPDX-License-Identifier: Apache-2.0
/**
 * A file system between the journal and the disk: remembers every change in order, so that the disk of any earlier
 * moment can be made again, and fails where a test says so.
 */
import {
  closeSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { systemFiles } from '../../src/platform/journal/journal-files.ts'
import type { JournalFile, JournalFiles } from '../../src/platform/journal/open-journal.ts'

/** One change of the disk; paths are relative to the watched folder. */
export type DiskChange =
  | { readonly kind: 'make'; readonly path: string }
  | { readonly kind: 'write'; readonly path: string; readonly at: number; readonly octets: Buffer }
  | { readonly kind: 'truncate'; readonly path: string; readonly size: number }
  | { readonly kind: 'rename'; readonly path: string; readonly to: string }
  | { readonly kind: 'unlink'; readonly path: string }
  | { readonly kind: 'sync' | 'synced'; readonly path: string }

/** What a test may do to one operation before it is done: throw, or say how many octets to write. */
export type Fault = (change: DiskChange) => number | undefined

const QUIET_TURNS = 10

export class WatchedFiles implements JournalFiles {
  readonly changes: DiskChange[] = []
  fault: Fault = () => undefined
  /** What `room` says; by default the truth. */
  free: Partial<Awaited<ReturnType<JournalFiles['room']>>> = {}
  readonly #folder: string
  readonly #open = new Set<WatchedFile>()
  #running = 0

  constructor(folder: string) {
    this.#folder = folder
  }

  async open(path: string, mode: 'new' | 'existing' | 'read'): Promise<JournalFile> {
    if (mode === 'new') this.note({ kind: 'make', path: this.#name(path) })
    const opened = await this.during(() => systemFiles.open(path, mode))
    const file = new WatchedFile(this, this.#name(path), opened, () => this.#open.delete(file))
    this.#open.add(file)
    return file
  }

  makeFolder(path: string): Promise<void> {
    return this.during(() => systemFiles.makeFolder(path))
  }

  list(folder: string): Promise<readonly string[]> {
    return this.during(() => systemFiles.list(folder))
  }

  rename(from: string, to: string): Promise<void> {
    this.note({ kind: 'rename', path: this.#name(from), to: this.#name(to) })
    for (const file of this.#open) if (file.path === this.#name(from)) file.path = this.#name(to)
    return this.during(() => systemFiles.rename(from, to))
  }

  unlink(path: string): Promise<void> {
    this.note({ kind: 'unlink', path: this.#name(path) })
    return this.during(() => systemFiles.unlink(path))
  }

  async syncFolder(path: string): Promise<void> {
    this.note({ kind: 'sync', path: this.#name(path) })
    await this.during(() => systemFiles.syncFolder(path))
    this.note({ kind: 'synced', path: this.#name(path) })
  }

  async room(folder: string) {
    return this.during(async () => ({ ...(await systemFiles.room(folder)), ...this.free }))
  }

  /** Lets the test interfere, then remembers. Returns how many octets of a write are to be done. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#running++
    try {
      return await work()
    } finally {
      this.#running--
    }
  }

  /** When nobody has asked for anything for some turns of the loop. */
  async quiet(): Promise<void> {
    for (let turn = 0; turn < QUIET_TURNS; turn++) {
      await new Promise((resolve) => setImmediate(resolve))
      if (this.#running > 0) turn = 0
    }
  }

  note(change: DiskChange): number {
    const allowed = this.fault(change)
    if (change.kind !== 'write') this.changes.push(change)
    else {
      const octets = Buffer.from(change.octets.subarray(0, allowed ?? change.octets.length))
      this.changes.push({ ...change, octets })
      return octets.length
    }
    return 0
  }

  #name(path: string): string {
    return relative(this.#folder, path)
  }
}

class WatchedFile implements JournalFile {
  path: string
  readonly #files: WatchedFiles
  readonly #file: JournalFile
  readonly #onClose: () => void
  #unsynced: { readonly at: number; readonly octets: number }[] = []

  constructor(files: WatchedFiles, path: string, file: JournalFile, onClose: () => void) {
    this.path = path
    this.#files = files
    this.#file = file
    this.#onClose = onClose
  }

  async write(octets: Uint8Array, at: number): Promise<number> {
    const whole = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength)
    const count = this.#files.note({ kind: 'write', path: this.path, at, octets: whole })
    this.#unsynced.push({ at, octets: count })
    return this.#files.during(() => this.#file.write(octets.subarray(0, count), at))
  }

  read(into: Uint8Array, position: number): Promise<number> {
    return this.#files.during(() => this.#file.read(into, position))
  }

  /** Where it is made to fail the kernel drops what was not synced, and says nothing the next time. */
  async datasync(): Promise<void> {
    const unsynced = this.#unsynced
    this.#unsynced = []
    try {
      this.#files.note({ kind: 'sync', path: this.path })
    } catch (thrown) {
      for (const { at, octets } of unsynced)
        await this.#files.during(() => this.#file.write(Buffer.alloc(octets), at))
      throw thrown
    }
    await this.#files.during(() => this.#file.datasync())
    this.#files.note({ kind: 'synced', path: this.path })
  }

  async truncate(size: number): Promise<void> {
    this.#files.note({ kind: 'truncate', path: this.path, size })
    return this.#files.during(() => this.#file.truncate(size))
  }

  size(): Promise<number> {
    return this.#files.during(() => this.#file.size())
  }

  close(): Promise<void> {
    this.#onClose()
    return this.#files.during(() => this.#file.close())
  }
}

/** Makes the disk as it was after some changes, in an empty folder. */
export function replayDisk(changes: readonly DiskChange[], folder: string): void {
  for (const change of changes) {
    const path = join(folder, change.path)
    switch (change.kind) {
      case 'make':
        mkdirSync(dirname(path), { recursive: true })
        writeFileSync(path, '')
        break
      case 'write':
        writeAt(path, change.octets, change.at)
        break
      case 'truncate':
        truncateSync(path, change.size)
        break
      case 'rename':
        renameSync(path, join(folder, change.to))
        break
      case 'unlink':
        rmSync(path, { force: true })
        break
      case 'sync':
      case 'synced':
        break
    }
  }
}

/**
 * What a power loss leaves of changes at the least: writes that a sync finished after, names that their folder's sync
 * finished after. A sync that had only begun promises nothing. Paths that `isSpared` names lose nothing.
 */
export function survivors(
  changes: readonly DiskChange[],
  isSpared: (path: string) => boolean = () => false,
): readonly DiskChange[] {
  return changes.filter((change, at) => {
    if (isSpared(change.path)) return true
    const promised = (path: string): boolean => {
      const begun = changes.findIndex((one, later) => later > at && isSync(one, 'sync', path))
      return (
        begun >= 0 && changes.some((one, later) => later > begun && isSync(one, 'synced', path))
      )
    }
    if (change.kind === 'write' || change.kind === 'truncate') return promised(change.path)
    return change.kind === 'make' || promised(folderOf(change.path))
  })
}

function isSync(change: DiskChange, kind: 'sync' | 'synced', path: string): boolean {
  return change.kind === kind && change.path === path
}

function folderOf(path: string): string {
  const folder = dirname(path)
  return folder === '.' ? '' : folder
}

export const noFault: Fault = () => undefined

/** Fails one kind of operation on files whose path begins like this. */
export function failing(code: string, kind: DiskChange['kind'], path: string): Fault {
  return (change) => {
    if (change.kind === kind && change.path.startsWith(path)) throw systemError(code)
    return undefined
  }
}

/** As node says it. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: as the test wants it`), { code })
}

function writeAt(path: string, octets: Buffer, at: number): void {
  const descriptor = openSync(path, 'r+')
  writeSync(descriptor, octets, 0, octets.length, at)
  closeSync(descriptor)
}
