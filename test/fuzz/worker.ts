// SPDX-License-Identifier: Apache-2.0
/** Fuzzes one target in a thread of its own, and says once what came of it. */
import { parentPort, workerData } from 'node:worker_threads'
import { BlockCoverage } from './block-coverage.ts'
import { FuzzRun } from './fuzz-run.ts'
import { readInputs } from './kept-inputs.ts'
import { type TargetName, targets } from './targets.ts'

export interface WorkerAnswer {
  readonly executions: number
  readonly blocks: number
  /** Characters are octets. */
  readonly corpus: readonly string[]
  readonly findings: readonly { readonly input: string; readonly why: string }[]
}

const { name, seconds, seed } = workerData as {
  readonly name: TargetName
  readonly seconds: number
  readonly seed: number
}
const target = targets[name]
using coverage = new BlockCoverage((url) => url.includes('/src/') || url.includes('/dns-packet/'))
const inputs = [
  ...target.seeds.map((seed) => Buffer.from(seed)),
  ...readInputs('corpus', name),
  ...readInputs('findings', name),
]
const { executions, blocks, corpus, findings } = new FuzzRun(target, coverage).run(
  inputs,
  seconds,
  seed,
)
const answer: WorkerAnswer = {
  executions,
  blocks,
  corpus: corpus.map((input) => input.toString('latin1')),
  findings: findings.map(({ input, why }) => ({ input: input.toString('latin1'), why })),
}
parentPort?.postMessage(answer)
