// SPDX-License-Identifier: Apache-2.0
/** The real command line, in a folder of its own: in this process, or as a process where that is what a test is about. */
import { type ExecFileException, execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { run } from '../../src/app/cli/program.ts'
import { PATIENCE } from './in-time.ts'

/** What `npm run posthaste` runs. */
export const program = fileURLToPath(new URL('../../bin/posthaste.js', import.meta.url))

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

  /**
   * A command with the configuration of the folder, in this process: loading the program takes longer than most commands.
   * Names of files are absolute. Resolves when it has ended, however it did.
   */
  run(...args: readonly string[]): Promise<Finished> {
    return runHere(args, { POSTHASTE_CONFIG: join(this.folder, 'posthaste.toml') })
  }

  /** A command as a process of its own, which finds the configuration and files by where it is; ended where it does not end. */
  runAlone(...args: readonly string[]): Promise<Finished> {
    const { PATH, NODE_COMPILE_CACHE } = process.env
    const env = { PATH, NODE_COMPILE_CACHE, ...surroundings() }
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
    return resultOf(args, await this.run(...args, '--json'))
  }

  /** An installation in the folder. */
  async init(hostname: string, ...options: readonly string[]): Promise<unknown> {
    return await this.json('init', '--dir', this.folder, '--hostname', hostname, ...options)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true })
  }
}

/** A command line without a process of its own. */
async function runHere(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<Finished> {
  const [output, errors] = [new Kept(), new Kept()]
  const code = await run(args, {
    ...{ output, errors },
    environment: { ...surroundings(), ...environment },
  })
  return { code, stdout: output.text, stderr: errors.text }
}

function resultOf(args: readonly string[], { code, stdout, stderr }: Finished): unknown {
  if (code !== 0) throw new Error(`posthaste ${args.join(' ')} ended with ${code}: ${stderr}`)
  return JSON.parse(stdout)
}

/** What the program sees of our environment, in whichever process. */
function surroundings(): NodeJS.ProcessEnv {
  const { POSTHASTE_KEY } = process.env
  return { NO_COLOR: '1', ...(POSTHASTE_KEY !== undefined && { POSTHASTE_KEY }) }
}

/** All that a command writes. */
class Kept extends Writable {
  readonly #chunks: Buffer[] = []

  get text(): string {
    return Buffer.concat(this.#chunks).toString()
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#chunks.push(chunk)
    done()
  }
}

/** Of a program that `execFile` ran. */
export function exitCodeOf(error: ExecFileException | null): number {
  if (error === null) return 0
  return typeof error.code === 'number' ? error.code : KILLED
}
