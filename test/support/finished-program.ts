// SPDX-License-Identifier: Apache-2.0
/** Another program, run to its end. */
import { execFile } from 'node:child_process'
import { exitCodeOf, type Finished } from './command-line.ts'
import { PATIENCE } from './in-time.ts'

const MOST_OUTPUT = 64 * 1_024 * 1_024

export interface Given {
  /** Its standard input. */
  readonly input?: string | Buffer
  /** Default: ours. */
  readonly environment?: NodeJS.ProcessEnv
}

/** Resolves however it ends. A program that takes too long is killed. */
export function runProgram(
  file: string,
  args: readonly string[],
  { input = '', environment = process.env }: Given = {},
): Promise<Finished> {
  const options = { timeout: PATIENCE, env: environment, maxBuffer: MOST_OUTPUT }
  return new Promise((resolve, reject) => {
    const child = execFile(file, args, options, (error, stdout, stderr) => {
      if (error?.killed) reject(new Error(`${file} goes on for ${PATIENCE} ms: ${stdout}${stderr}`))
      else resolve({ code: exitCodeOf(error), stdout, stderr })
    })
    // It may have ended without reading.
    child.stdin?.on('error', () => {})
    child.stdin?.end(input)
  })
}
