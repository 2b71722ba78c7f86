// SPDX-License-Identifier: Apache-2.0
/**
 * A file of lines that is followed by another one when it is full: `events.jsonl` is written, `events.jsonl.1` was before it, and so
 * on; of those that are too many the oldest is deleted.
 */
import { open, rename, rm, stat } from 'node:fs/promises'
import { systemCode } from '../../base/errors.ts'

export interface RotatingFileOptions {
  readonly path: string
  readonly maxOctets: number
  /** Of those that are full. */
  readonly keepFiles: number
}

const PRIVATE_FILE = 0o600

export class RotatingFile {
  readonly #options: RotatingFileOptions

  constructor(options: RotatingFileOptions) {
    this.#options = options
  }

  /** Appends whole lines; they are in the file, not necessarily on the disk, when it resolves. */
  async write(lines: string): Promise<void> {
    const { path, maxOctets } = this.#options
    if ((await sizeOf(path)) >= maxOctets) await this.#rotate()
    const file = await open(path, 'a', PRIVATE_FILE)
    try {
      await file.writeFile(lines)
    } finally {
      await file.close()
    }
  }

  async #rotate(): Promise<void> {
    const { path, keepFiles } = this.#options
    await rm(numbered(path, keepFiles), { force: true })
    for (let number = keepFiles - 1; number >= 0; number--)
      await renameIfThere(numbered(path, number), numbered(path, number + 1))
  }
}

/** 0 is the file that is written. */
function numbered(path: string, number: number): string {
  return number === 0 ? path : `${path}.${number}`
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch (thrown) {
    if (systemCode(thrown) !== 'ENOENT') throw thrown
    return 0
  }
}

async function renameIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (thrown) {
    if (systemCode(thrown) !== 'ENOENT') throw thrown
  }
}
