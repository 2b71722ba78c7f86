// SPDX-License-Identifier: Apache-2.0
/** The real program as a child process, in a folder of its own. */
import { type ExecFileException, execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { run } from '../../src/app/cli/program.ts'
import { seconds } from '../../src/base/brand.ts'

/** What `npm run posthaste` runs. */
export const program = fileURLToPath(new URL('../../bin/posthaste.js', import.meta.url))

/** A command that was to end, and does not, is ended. */
const PATIENCE = seconds(60)
const KILLED = -1

export interface Finished {
  /** -1 where it took too long or a signal ended it. */
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export class CommandLine implements AsyncDisposable {
  /** Where commands run; absolute. */
  readonly folder: string

  static async open(): Promise<CommandLine> {
    return new CommandLine(await mkdtemp(join(tmpdir(), 'posthaste-cli-')))
  }

  private constructor(folder: string) {
    this.folder = folder
  }

  /** Resolves when it has ended, however it did. */
  run(...args: readonly string[]): Promise<Finished> {
    const { PATH, NODE_COMPILE_CACHE, POSTHASTE_KEY } = process.env
    const env = {
      PATH,
      NODE_COMPILE_CACHE,
      NO_COLOR: '1',
      ...(POSTHASTE_KEY !== undefined && { POSTHASTE_KEY }),
    }
    return new Promise((resolve) => {
      execFile(
        process.execPath,
        [program, ...args],
        { cwd: this.folder, env, timeout: PATIENCE },
        (error, stdout, stderr) => resolve({ code: exitCodeOf(error), stdout, stderr }),
      )
    })
  }

  /** The result of a command that must succeed. */
  async json(...args: readonly string[]): Promise<unknown> {
    const { code, stdout, stderr } = await this.run(...args, '--json')
    if (code !== 0) throw new Error(`posthaste ${args.join(' ')} ended with ${code}: ${stderr}`)
    return JSON.parse(stdout)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true })
  }
}

/** The result of a command that must succeed, without a process of its own: loading the program takes longer than most commands. */
export async function inThisProcess(args: readonly string[]): Promise<unknown> {
  const [output, errors] = [new PassThrough(), new PassThrough()]
  const surroundings = { output, errors, environment: { NO_COLOR: '1' } }
  const code = await run([...args, '--json'], surroundings)
  if (code !== 0)
    throw new Error(`posthaste ${args.join(' ')} ended with ${code}: ${errors.read()}`)
  return JSON.parse(String(output.read()))
}

/** Of a program that `execFile` ran. */
export function exitCodeOf(error: ExecFileException | null): number {
  if (error === null) return 0
  return typeof error.code === 'number' ? error.code : KILLED
}
