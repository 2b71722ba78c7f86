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

/** Two processes, each with half of the files: a process for every file would take twice as long. */
export const unitTests: readonly Step[] = ['1/2', '2/2'].map((half) => ({
  name: `unit tests ${half}`,
  command: [
    ...([node, '--test', '--test-isolation=none'] as const),
    ...[`--test-shard=${half}`, '--test-reporter=spec', 'src/**/*.test.ts'],
  ],
}))

/**
 * Three files at a time, on two cores, for they wait for each other's programs; each in a process of its own, which ends with its
 * last test: one that fails with a socket open would keep all others waiting.
 */
export const scenarios: Step = {
  name: 'scenarios',
  command: [
    node,
    '--test',
    '--test-concurrency=3',
    '--test-force-exit',
    '--test-reporter=spec',
    'test/**/*.test.ts',
  ],
}
