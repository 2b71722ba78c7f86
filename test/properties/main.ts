// SPDX-License-Identifier: Apache-2.0
/** `npm run properties -- [--suite server|client] [--cases 1000000] [--seed 1]`: the property suites, as long as one likes. */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { SourceCoverage } from './line-coverage.ts'
import { runCases } from './run.ts'
import { type Suite, type SuiteName, suites } from './suites.ts'

/** Counting blocks makes a run half as fast: the first cases tell enough. */
const COVERED_CASES = 20_000

const { values } = parseArgs({
  options: {
    suite: { type: 'string' },
    cases: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
  },
})
const names = (Object.keys(suites) as SuiteName[]).filter(
  (name) => values.suite === undefined || values.suite === name,
)
if (names.length === 0) throw new Error(`no suite is called ${values.suite}`)
console.log(`Node ${process.version}, ${availableParallelism()} cores`)
for (const name of names)
  if (!(await run(name, suites[name], Number(values.cases), Number(values.seed))))
    process.exitCode = 1

async function run(name: SuiteName, suite: Suite, cases: number, seed: number): Promise<boolean> {
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
