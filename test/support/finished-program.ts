// SPDX-License-Identifier: Apache-2.0
/** Another program, run to its end. */
import { execFile } from 'node:child_process'
import { seconds } from '../../src/base/brand.ts'
import { exitCodeOf, type Finished } from './command-line.ts'

const PATIENCE = seconds(20)

/** Resolves however it ends; `input` is its standard input. A program that takes too long is killed. */
export function runProgram(file: string, args: readonly string[], input = ''): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = execFile(file, args, { timeout: PATIENCE }, (error, stdout, stderr) => {
      if (error?.killed) reject(new Error(`${file} goes on for ${PATIENCE} ms: ${stdout}${stderr}`))
      else resolve({ code: exitCodeOf(error), stdout, stderr })
    })
    // It may have ended without reading.
    child.stdin?.on('error', () => {})
    child.stdin?.end(input)
  })
}
