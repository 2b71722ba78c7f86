// SPDX-License-Identifier: Apache-2.0
/** What is checked, by which command. */
import { node, type Step } from './steps.ts'

/** Types, format, structure and documents; no code of the program runs. */
export const structureSteps: readonly Step[] = [
  { name: 'types', command: ['tsc', '--noEmit'] },
  { name: 'lint', command: ['biome', 'check', '--error-on-warnings', '.'] },
  { name: 'layers', command: [node, 'scripts/layers.ts'] },
  { name: 'file length', command: [node, 'scripts/file-length.ts'] },
  { name: 'way of a message', command: [node, 'scripts/way-of-a-message.ts'] },
  { name: 'docs', command: [node, 'scripts/docs.ts'] },
]

/** All files in one process: half the time. `allTests` runs each in its own. */
export const unitTests: Step = {
  name: 'unit tests',
  command: [node, '--test', '--test-isolation=none', '--test-reporter=spec', 'src/**/*.test.ts'],
}

/**
 * Unit tests and scenarios in one run, so that one summary counts them all; two files at a time, each in a process
 * of its own; the report for people, also where nobody looks.
 */
export const allTests: Step = {
  name: 'tests',
  command: [
    node,
    '--test',
    '--test-concurrency=2',
    '--test-reporter=spec',
    'src/**/*.test.ts',
    'test/**/*.test.ts',
  ],
}
