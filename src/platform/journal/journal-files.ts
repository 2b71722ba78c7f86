// SPDX-License-Identifier: Apache-2.0
/**
 * All that the journal asks of a file system, so that a test can stand in between: faults, short writes, and a record
 * of every write and sync. (The index is SQLite's own business: it is derived and can be made anew.)
 */
import fs from 'node:fs'

export interface JournalFile {
  /** Octets written: at least one, fewer than given where the disk is nearly full. */
  write(octets: Uint8Array, position: number): Promise<number>
  /** Octets read; fewer than asked for only at the end of the file. */
  read(into: Uint8Array, position: number): Promise<number>
  datasync(): Promise<void>
  truncate(size: number): Promise<void>
  size(): Promise<number>
  close(): Promise<void>
}

export interface JournalFiles {
  /** `new` must not exist; `existing` is opened for reading and writing. */
  open(path: string, mode: 'new' | 'existing' | 'read'): Promise<JournalFile>
  /** With its parents; does nothing where it exists. Only its owner may look inside. */
  makeFolder(path: string): Promise<void>
  /** Names, sorted; none where the folder does not exist. */
  list(folder: string): Promise<readonly string[]>
  rename(from: string, to: string): Promise<void>
  /** Does nothing where there is no such file. */
  unlink(path: string): Promise<void>
  /** Makes new, renamed and removed names durable. */
  syncFolder(path: string): Promise<void>
  /** Octets that a file of ours could still grow by, and how many more files there could be. */
  room(folder: string): Promise<{ readonly octets: number; readonly names: number }>
}

const FLAGS = { new: 'wx+', existing: 'r+', read: 'r' } as const
const PRIVATE_FILE = 0o600
const PRIVATE_FOLDER = 0o700

/** The file system of this machine. */
export const systemFiles: JournalFiles = {
  open: async (path, mode) =>
    new SystemFile(await done<number>((back) => fs.open(path, FLAGS[mode], PRIVATE_FILE, back))),
  makeFolder: async (path) => {
    await fs.promises.mkdir(path, { recursive: true, mode: PRIVATE_FOLDER })
  },
  list: async (folder) => {
    try {
      return (await fs.promises.readdir(folder)).sort()
    } catch (thrown) {
      if (isMissing(thrown)) return []
      throw thrown
    }
  },
  rename: (from, to) => fs.promises.rename(from, to),
  unlink: async (path) => {
    await fs.promises.rm(path, { force: true })
  },
  syncFolder: async (path) => {
    const descriptor = await done<number>((back) => fs.open(path, 'r', back))
    try {
      await done<void>((back) => fs.fsync(descriptor, back))
    } finally {
      await done<void>((back) => fs.close(descriptor, back))
    }
  },
  room: async (folder) => {
    const { bavail, bsize, files, ffree } = await fs.promises.statfs(folder)
    // Some file systems make inodes as they are needed, and count none.
    return { octets: bavail * bsize, names: files === 0 ? Number.POSITIVE_INFINITY : ffree }
  },
}

/** By descriptor and callback: a `FileHandle` costs several times as much per write. */
class SystemFile implements JournalFile {
  readonly #descriptor: number

  constructor(descriptor: number) {
    this.#descriptor = descriptor
  }

  write(octets: Uint8Array, position: number): Promise<number> {
    return done((back) =>
      fs.write(this.#descriptor, octets, 0, octets.byteLength, position, (failure, count) =>
        back(failure, count),
      ),
    )
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    let total = 0
    while (total < into.byteLength) {
      const count = await this.#readOnce(into, total, position + total)
      if (count === 0) break
      total += count
    }
    return total
  }

  datasync(): Promise<void> {
    return done((back) => fs.fdatasync(this.#descriptor, back))
  }

  truncate(size: number): Promise<void> {
    return done((back) => fs.ftruncate(this.#descriptor, size, back))
  }

  async size(): Promise<number> {
    return (await done<fs.Stats>((back) => fs.fstat(this.#descriptor, back))).size
  }

  close(): Promise<void> {
    return done((back) => fs.close(this.#descriptor, back))
  }

  #readOnce(into: Uint8Array, from: number, position: number): Promise<number> {
    return done((back) =>
      fs.read(this.#descriptor, into, from, into.byteLength - from, position, (failure, count) =>
        back(failure, count),
      ),
    )
  }
}

type Back<T> = (failure: Error | null, value?: T) => void

function done<T>(call: (back: Back<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    call((failure, value) => (failure ? reject(failure) : resolve(value as T)))
  })
}

function isMissing(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT'
}
