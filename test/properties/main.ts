// SPDX-License-Identifier: Apache-2.0
/** `npm run properties -- [--suite server|client] [--cases 1000000] [--seed 1]`: the property suites, as long as one likes. */
import { availableParallelism } from 'node:os'
import { oneOf, programOptions, wholeNumber } from '../support/program-options.ts'
import { SourceCoverage } from './line-coverage.ts'
import { runCases } from './run.ts'
import { type Suite, type SuiteName, suites } from './suites.ts'

/** Counting blocks makes a run half as fast: the first cases tell enough. */
const COVERED_CASES = 20_000

const all = Object.keys(suites) as SuiteName[]
const values = programOptions(
  `Usage: npm run properties -- [options]
  --suite <name>        ${all.join(', ')} (default: one after the other)
  --cases <n>           of each (default 100000)
  --seed <n>            of the first case (default 1)`,
  {
    suite: { type: 'string' },
    cases: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
  },
)
const names = values.suite === undefined ? all : [oneOf('suite', values.suite, all)]
const cases = wholeNumber('cases', values.cases)
const seed = wholeNumber('seed', values.seed)
console.log(`Node ${process.version}, ${availableParallelism()} cores`)
for (const name of names) if (!(await run(name, suites[name]))) process.exitCode = 1

async function run(name: SuiteName, suite: Suite): Promise<boolean> {
  const tally = suite.watch()
  const startMs = performance.now()
  const cpu = process.cpuUsage()
  const covered = Math.min(COVERED_CASES, cases)
  let files: readonly string[]
  let problem: string | null
  {
    using coverage = new SourceCoverage()
    problem = await runCases(suite, covered, seed)
    files = coverage.report(suite.files)
  }
  problem ??= await runCases(suite, cases - covered, seed + covered, (done) => {
    if (done % 100_000 === 0) console.log(`${name}: ${(covered + done).toLocaleString('en')} cases`)
  })
  const seconds = (performance.now() - startMs) / 1_000
  const used = process.cpuUsage(cpu)
  console.log(
    [
      `${name}: ${problem === null ? `${cases.toLocaleString('en')} cases, nothing found` : problem}`,
      `  took ${seconds.toFixed(0)} s, ${((used.user + used.system) / 1e6).toFixed(0)} s of CPU`,
      `  ${suite.counted}: ${tally.seen}`,
      ...[...tally.counts].map(([what, count]) => `    ${what}: ${count.toLocaleString('en')}`),
      `  source that ran in the first ${covered.toLocaleString('en')} cases:`,
      ...files.map((file) => `    ${file}`),
    ].join('\n'),
  )
  return problem === null
}
