// SPDX-License-Identifier: Apache-2.0
/** A file system of its own in memory, small enough to be filled. Only root may mount one. */
import {
  closeSync,
  mkdirSync,
  openSync,
  rmSync,
  statfsSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemCode } from '../../src/base/errors.ts'
import { runProgram } from './finished-program.ts'
import { programNamed } from './installed.ts'

const PIECE = Buffer.alloc(64 * 1_024, 0x2e)

/** For `skip`: the reason, or `false`. */
export async function unlessMountable(): Promise<string | false> {
  if (process.getuid?.() !== 0) return 'a small disk can be mounted by root alone'
  try {
    await using _disk = await SmallDisk.mount(1)
    return false
  } catch {
    // In a container without the right to.
    return 'a small disk cannot be mounted here'
  }
}

export class SmallDisk implements AsyncDisposable {
  readonly folder: string

  /** `names`: how many files it can hold. */
  static async mount(mebibytes: number, names = 10_000): Promise<SmallDisk> {
    const folder = await mkdtemp(join(tmpdir(), 'posthaste-disk-'))
    try {
      await command(
        'mount',
        '-t',
        'tmpfs',
        '-o',
        `size=${mebibytes}m,nr_inodes=${names}`,
        'tmpfs',
        folder,
      )
      return new SmallDisk(folder)
    } catch (thrown) {
      await rm(folder, { recursive: true })
      throw thrown
    }
  }

  private constructor(folder: string) {
    this.folder = folder
  }

  get freeOctets(): number {
    const { bavail, bsize } = statfsSync(this.folder)
    return bavail * bsize
  }

  /** Writes until no more than `left` octets are free; 0: until a write fails. */
  fill(left = 0): void {
    const file = openSync(this.#filler, 'a')
    try {
      while (this.freeOctets > left) writeSync(file, PIECE)
    } catch (thrown) {
      if (systemCode(thrown) !== 'ENOSPC') throw thrown
    } finally {
      closeSync(file)
    }
  }

  /** Makes empty files until no more than `left` can be made. */
  fillNames(left: number): void {
    mkdirSync(this.#names)
    for (let name = statfsSync(this.folder).ffree; name > left; name--)
      writeFileSync(join(this.#names, String(name)), '')
  }

  clearNames(): void {
    rmSync(this.#names, { recursive: true })
  }

  /** Takes back what `fill` wrote. */
  clear(): void {
    rmSync(this.#filler)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Lazily: a process that was killed may need a moment to let go.
    await command('umount', '--lazy', this.folder)
    await rm(this.folder, { recursive: true })
  }

  get #names(): string {
    return join(this.folder, 'names')
  }

  get #filler(): string {
    return join(this.folder, 'filler')
  }
}

async function command(name: string, ...args: readonly string[]): Promise<void> {
  const { code, stderr } = await runProgram(programNamed(name) ?? name, args)
  if (code !== 0) throw new Error(`${name} ended with ${code}: ${stderr}`)
}
