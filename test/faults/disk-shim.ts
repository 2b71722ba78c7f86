// SPDX-License-Identifier: Apache-2.0
/** Compiles what stands between a process and its disk (`disk-shim.c`), and says what it is to do. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runProgram } from '../support/finished-program.ts'
import { programNamed } from '../support/installed.ts'

const SOURCE = fileURLToPath(new URL('disk-shim.c', import.meta.url))

type Operation = 'open' | 'write' | 'sync' | 'truncate' | 'rename' | 'unlink' | 'any'

/** What one kind of operation does on paths that have `path` in them: fail, or take longer. */
export interface DiskFault {
  readonly operation: Operation
  readonly path: string
  readonly does: keyof typeof constants.errno | number
}

/** For `skip`: the reason, or `false`. */
export async function unlessCompilable(): Promise<string | false> {
  if (process.platform !== 'linux') return 'disk faults are made by a library for Linux'
  if (programNamed('cc') === null) return 'disk faults need a C compiler (cc)'
  return false
}

export class DiskShim implements Disposable {
  readonly folder: string

  static async compile(): Promise<DiskShim> {
    const folder = mkdtempSync(join(tmpdir(), 'disk-shim-'))
    const options = ['-O1', '-Wall', '-Werror', '-shared', '-fPIC', '-o', join(folder, 'shim.so')]
    const { code, stderr } = await runProgram(programNamed('cc') ?? 'cc', [
      ...options,
      SOURCE,
      '-ldl',
    ])
    if (code !== 0) throw new Error(`cc ended with ${code}: ${stderr}`)
    const shim = new DiskShim(folder)
    shim.fault()
    return shim
  }

  private constructor(folder: string) {
    this.folder = folder
  }

  /** For a process whose disk is to fail when `fault` says so. */
  get faulty(): Readonly<Record<string, string>> {
    return { LD_PRELOAD: join(this.folder, 'shim.so'), DISK_FAULTS: this.#faults }
  }

  /** For a process whose changes below `folder` are to be written down. */
  traced(folder: string): Readonly<Record<string, string>> {
    return {
      LD_PRELOAD: join(this.folder, 'shim.so'),
      DISK_TRACE: this.traceFile,
      DISK_TRACED: folder,
    }
  }

  get traceFile(): string {
    return join(this.folder, 'trace')
  }

  /** From now on; none: the disk works. */
  fault(...faults: readonly DiskFault[]): void {
    const lines = faults.map(({ operation, path, does }) => {
      const what = typeof does === 'number' ? -does : constants.errno[does]
      return `${operation} ${path} ${what}\n`
    })
    writeFileSync(this.#faults, lines.join(''))
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true })
  }

  get #faults(): string {
    return join(this.folder, 'faults')
  }
}
