// SPDX-License-Identifier: Apache-2.0
/**
 * The hop benchmark: client, relay and sink in separate processes on loopback, signed (RSA-2048) and durable. Says what the
 * relay alone costs, where that goes by a profile, and what changed since the result that was stored last for a machine
 * like this. Figures of different machines, and of different days, do not compare.
 *
 *   npm run bench -- [--help]
 */
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { Terminal } from '../src/app/cli/terminal.ts'
import { formatSize } from '../src/base/quantity.ts'
import { wholeNumber } from '../test/support/program-options.ts'
import { commandLine, contentSize, workFolder } from './command-line.ts'
import { profilingFlags, readProfiles } from './cpu-profile.ts'
import { type FlameGraph, writeFlameGraphs } from './flame-graph.ts'
import { type HopResult, isQuiet, resultOf } from './hop-result.ts'
import { type HopRun, isGood, runHop } from './hop-run.ts'
import { comparisonLines, hopTable, stageTable } from './hop-table.ts'
import { stageShares } from './stages.ts'
import { storedResults, storeResults } from './stored-results.ts'

const values = commandLine(
  `Usage: npm run bench -- [options]
  --messages <n>        of each run (default 3000), after as many as --warmup to warm up (default 1000)
  --size <list>         octets of content, such as 4k,50k (the default)
  --connections <n>     of the client (default 20)
  --runs <n>            of each size, interleaved (default 3), and one more with a profile
  --flame <file>        writes flame graphs of the profiles, one HTML page
  --store               keeps the result, for later ones to be compared with, where the machine was quiet`,
  {
    messages: { type: 'string', default: '3000' },
    warmup: { type: 'string', default: '1000' },
    size: { type: 'string', default: '4k,50k' },
    connections: { type: 'string', default: '20' },
    runs: { type: 'string', default: '3' },
    flame: { type: 'string' },
    store: { type: 'boolean', default: false },
  },
)
const sizes = values.size.split(',').map((text) => contentSize('size', text))
const runCount = wholeNumber('runs', values.runs)
const common = {
  messages: wholeNumber('messages', values.messages),
  warmUp: wholeNumber('warmup', values.warmup),
  connections: wholeNumber('connections', values.connections),
}
const terminal = new Terminal(process.stdout, process.stderr, values.json)
using folder = workFolder(values.dir, 'hop')

const runs = new Map<number, HopRun[]>(sizes.map((octets) => [octets, []]))
for (let run = 1; run <= runCount; run++)
  for (const octets of sizes) {
    progress(`run ${run} of ${runCount}, ${formatSize(octets)}`)
    runs.get(octets)?.push(await runHop({ ...common, octets, folder: folder.path, nodeFlags: [] }))
  }
const graphs: FlameGraph[] = []
const results: HopResult[] = []
for (const octets of sizes) {
  progress(`a profile, ${formatSize(octets)}`)
  const profiles = mkdtempSync(join(folder.path, 'profiles-'))
  const nodeFlags = profilingFlags(profiles)
  const profiled = await runHop({ ...common, octets, folder: folder.path, nodeFlags })
  const calls = readProfiles(profiles, profiled.window)
  graphs.push({ title: formatSize(octets), messages: common.messages, calls })
  const stages = stageShares(calls, profiled.threads, common.messages)
  results.push(resultOf(runs.get(octets) ?? [], stages))
}
progress('')

const stored = storedResults()
terminal.result({ results, stored }, () =>
  [
    hopTable(terminal, results),
    stageTable(terminal, results),
    comparisonLines(terminal, results, stored).join('\n'),
  ].join('\n\n'),
)
if (values.flame !== undefined) {
  writeFlameGraphs(values.flame, graphs)
  terminal.note(`Flame graphs: ${values.flame}`)
}
if (values.store && results.every(isQuiet)) terminal.note(`Stored: ${storeResults(results)}`)
else if (values.store)
  terminal.note('Not stored: later runs would be compared with a busy machine.')
process.exitCode = results.every(isGood) ? 0 : 1

/** On a terminal, one line that is drawn over. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`)
}
