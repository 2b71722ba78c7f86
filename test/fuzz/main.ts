// SPDX-License-Identifier: Apache-2.0
/**
 * `npm run fuzz -- [--target command] [--seconds 60] [--seed N] [--keep]`: every target for so long. Findings are written
 * to `findings/`, and with `--keep` the inputs that reach most to `corpus/`; `replay.test.ts` runs both from then on.
 *
 * A worker runs the target, so that an input that never ends is seen from here: it is the one that was said last.
 */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { oneOf, programOptions, wholeNumber } from '../support/program-options.ts'
import { addFinding, writeCorpus } from './kept-inputs.ts'
import { type TargetName, targets } from './targets.ts'
import type { WorkerAnswer } from './worker.ts'

const all = Object.keys(targets) as TargetName[]
const values = programOptions(
  `Usage: npm run fuzz -- [options]
  --target <name>       ${all.join(', ')} (default: one after the other)
  --seconds <n>         for each (default 60)
  --seed <n>            of what is drawn (default: the time of day; it is printed)
  --keep                keeps the inputs that reach most, in corpus/`,
  {
    target: { type: 'string' },
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(1 + (Date.now() % 1_000_000)) },
    keep: { type: 'boolean', default: false },
  },
)
const names = values.target === undefined ? all : [oneOf('target', values.target, all)]
const seconds = wholeNumber('seconds', values.seconds)
const seed = wholeNumber('seed', values.seed)
for (const name of names) if (!(await fuzz(name))) process.exitCode = 1

async function fuzz(name: TargetName): Promise<boolean> {
  const worker = new Worker(new URL('worker.ts', import.meta.url), {
    workerData: { name, seconds, seed },
  })
  const signal = AbortSignal.timeout((seconds * 2 + 60) * 1_000)
  try {
    const [answer] = (await once(worker, 'message', { signal })) as [WorkerAnswer]
    const { executions, blocks, corpus, findings } = answer
    if (values.keep)
      writeCorpus(
        name,
        corpus.map((text) => Buffer.from(text, 'latin1')),
      )
    for (const { input, why } of findings) addFinding(name, Buffer.from(input, 'latin1'), why)
    console.log(
      `${name}: ${executions.toLocaleString('en')} inputs in ${seconds} s (seed ${seed}), ${blocks} blocks reached, ` +
        `${corpus.length} inputs reach them, ${findings.length} findings`,
    )
    for (const { why } of findings) console.log(`  ${why}`)
    return findings.length === 0
  } catch (thrown) {
    console.log(`${name}: it hangs, or the worker died (seed ${seed}): ${String(thrown)}`)
    return false
  } finally {
    await worker.terminate()
  }
}
