// SPDX-License-Identifier: Apache-2.0
/** Runs the steps of a check beside each other and says of each how it ended and how long it took. */
import { spawn } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { styleText } from 'node:util'
import { memoryFolder } from './memory-folder.ts'
import { root } from './source-tree.ts'

export interface Step {
  readonly name: string
  /** A program of `node_modules/.bin` or of the system, and its arguments. */
  readonly command: readonly [string, ...string[]]
}

interface Ending {
  readonly step: Step
  readonly isGood: boolean
  readonly output: string
  readonly ms: number
}

/** This very Node, for steps that are scripts. */
export const node = process.execPath

/** Our tools before the system's; and the hundreds of programs that tests start compile the sources once. */
const environment = {
  NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/node'),
  TMPDIR: memoryFolder(),
  ...process.env,
  PATH: [join(root, 'node_modules/.bin'), process.env['PATH']].join(delimiter),
}

/** Prints a line as each step ends, and in the end the output of those that failed. True if none did. */
export async function runSteps(steps: readonly Step[]): Promise<boolean> {
  const width = Math.max(...steps.map(({ name }) => name.length))
  const endings = await Promise.all(
    steps.map(async (step) => {
      const ending = await runStep(step)
      const mark = ending.isGood ? styleText('green', 'ok    ') : styleText('red', 'failed')
      const time = `${(ending.ms / 1_000).toFixed(1)} s`.padStart(7)
      console.log(`${mark}  ${step.name.padEnd(width)}  ${time}`)
      return ending
    }),
  )
  const failed = endings.filter(({ isGood }) => !isGood)
  for (const { step, output } of failed) console.log(`\n── ${step.name} ──\n${output.trimEnd()}`)
  return failed.length === 0
}

/** Runs one step with its output on ours. True if it ended well. */
export function runShown(step: Step): Promise<boolean> {
  const [program, ...words] = step.command
  return new Promise((resolve) => {
    const child = spawn(program, words, { cwd: root, env: environment, stdio: 'inherit' })
    child.on('error', (error) => {
      console.error(error.message)
      resolve(false)
    })
    child.on('close', (code) => resolve(code === 0))
  })
}

function runStep(step: Step): Promise<Ending> {
  const [program, ...words] = step.command
  const start = performance.now()
  return new Promise((resolve) => {
    let output = ''
    const end = (isGood: boolean): void =>
      resolve({ step, isGood, output, ms: performance.now() - start })
    const child = spawn(program, words, { cwd: root, env: environment })
    const collect = (chunk: string): void => {
      output += chunk
    }
    child.stdout.setEncoding('utf8').on('data', collect)
    child.stderr.setEncoding('utf8').on('data', collect)
    child.on('error', (error) => {
      output += error.message
      end(false)
    })
    child.on('close', (code) => end(code === 0))
  })
}
