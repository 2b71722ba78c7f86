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

/** All files in one process: half the time. */
export const unitTests: Step = {
  name: 'unit tests',
  command: [node, '--test', '--test-isolation=none', '--test-reporter=spec', 'src/**/*.test.ts'],
}

/**
 * Two files at a time, each in a process of its own, which ends with its last test: one that fails with a socket open would keep
 * all others waiting.
 */
export const scenarios: Step = {
  name: 'scenarios',
  command: [
    node,
    '--test',
    '--test-concurrency=2',
    '--test-force-exit',
    '--test-reporter=spec',
    'test/**/*.test.ts',
  ],
}
