// SPDX-License-Identifier: Apache-2.0
/**
 * What it costs that recipients are at many domains: one hop with all mail at one domain, and spread over many, first by one
 * route, then with receivers that are looked up: a few hosts that the domains share, as most do, and a host each.
 *
 *   npm run bench:domains -- [--help]
 */
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { type Cell, table } from '../src/app/cli/layout.ts'
import { Terminal } from '../src/app/cli/terminal.ts'
import { wholeNumber } from '../test/support/program-options.ts'
import { commandLine, contentSize, workFolder } from './command-line.ts'
import { profilingFlags, readProfiles } from './cpu-profile.ts'
import { type FlameGraph, writeFlameGraphs } from './flame-graph.ts'
import { HopRig, type Passage } from './hop-rig.ts'
import { countsOf, isGood, messagesPerSecond } from './hop-run.ts'
import { oneReceiver, type ReceiverGroup } from './receiver-groups.ts'
import { spreadOf, spreadText } from './spread.ts'

const values = commandLine(
  `Usage: npm run bench:domains -- [options]
  --domains <n>         that recipients are spread over (default 5000)
  --hosts <n>           that the domains share where they share them (default 50)
  --messages <n>        of each run (default 15000), after one to each domain
  --connections <n>     of the client (default 20)
  --size <octets>       of content (default 4k)
  --runs <n>            of each kind, interleaved (default 3)
  --flame <file>        writes flame graphs of one more run of each, one HTML page`,
  {
    domains: { type: 'string', default: '5000' },
    hosts: { type: 'string', default: '50' },
    messages: { type: 'string', default: '15000' },
    connections: { type: 'string', default: '20' },
    size: { type: 'string', default: '4k' },
    runs: { type: 'string', default: '3' },
    flame: { type: 'string' },
  },
)
const domains = wholeNumber('domains', values.domains)
const hosts = wholeNumber('hosts', values.hosts)
const messages = wholeNumber('messages', values.messages)
const runCount = wholeNumber('runs', values.runs)
const load = {
  octets: contentSize('size', values.size),
  connections: wholeNumber('connections', values.connections),
  perSecond: null,
}
const TARGET = 0.2

interface Kind {
  readonly name: string
  readonly group: ReceiverGroup
  readonly isLookedUp: boolean
}

const many: ReceiverGroup = { ...oneReceiver, domains }
const kinds: readonly [Kind, ...Kind[]] = [
  { name: 'one domain, by a route', group: oneReceiver, isLookedUp: false },
  { name: `${domains} domains, by a route`, group: many, isLookedUp: false },
  { name: 'one domain, looked up', group: oneReceiver, isLookedUp: true },
  { name: `${domains} domains at ${hosts} hosts`, group: { ...many, hosts }, isLookedUp: true },
  { name: `${domains} domains, a host each`, group: many, isLookedUp: true },
]

const terminal = new Terminal(process.stdout, process.stderr, values.json)
using folder = workFolder(values.dir, 'domains')
const passages = new Map<string, Passage[]>(kinds.map(({ name }) => [name, []]))
for (let run = 1; run <= runCount; run++)
  for (const kind of kinds) {
    if (process.stderr.isTTY)
      process.stderr.write(`\r\x1b[Krun ${run} of ${runCount}, ${kind.name}`)
    passages.get(kind.name)?.push(await pass(kind, []))
  }
if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')

const results = kinds.map(({ name, isLookedUp }) => {
  const all = passages.get(name) ?? []
  const counts = all.map(countsOf)
  return {
    ...{ name, isLookedUp, isGood: counts.every(isGood) },
    cpuMsPerMessage: spreadOf(all.map(({ cpuMs }) => cpuMs / messages)),
    messagesPerSecond: spreadOf(all.map(messagesPerSecond)),
    coresElsewhere: Math.max(...all.map(({ coresElsewhere }) => coresElsewhere)),
  }
})
terminal.result(results, () =>
  table(
    terminal,
    ['RECIPIENTS', 'CPU MS/MESSAGE', 'EXTRA', 'MESSAGES/S', 'BUSY ELSEWHERE', 'MAIL'],
    results.map((result): Cell[] => [
      result.name,
      spreadText(result.cpuMsPerMessage, 2),
      extraCell(extraOf(result)),
      spreadText(result.messagesPerSecond, 0),
      `${result.coresElsewhere.toFixed(1)} cores`,
      result.isGood
        ? { text: 'all right', style: 'green' }
        : { text: 'lost, failed or came twice', style: 'red' },
    ]),
  ),
)
if (values.flame !== undefined) {
  const graphs: FlameGraph[] = []
  for (const kind of kinds) {
    const profiles = mkdtempSync(join(folder.path, 'profiles-'))
    const { window } = await pass(kind, profilingFlags(profiles))
    graphs.push({ title: kind.name, messages, calls: readProfiles(profiles, window) })
  }
  writeFlameGraphs(values.flame, graphs)
  terminal.note(`Flame graphs: ${values.flame}`)
}
process.exitCode = results.every((result) => result.isGood && extraOf(result) <= TARGET) ? 0 : 1

async function pass({ group, isLookedUp }: Kind, nodeFlags: readonly string[]): Promise<Passage> {
  const receivers = isLookedUp ? group : null
  await using rig = await HopRig.start({ folder: folder.path, workers: 1, receivers, nodeFlags })
  await rig.pass({ ...load, group, first: 0, messages: domains })
  return await rig.pass({ ...load, group, first: domains, messages })
}

/** Beside one domain that is found in the same way. */
function extraOf(result: (typeof results)[number]): number {
  const base = results.find(({ isLookedUp }) => isLookedUp === result.isLookedUp) ?? result
  return result.cpuMsPerMessage.median / base.cpuMsPerMessage.median - 1
}

function extraCell(extra: number): Cell {
  return {
    text: `${extra < 0 ? '−' : '+'}${Math.abs(extra * 100).toFixed(1)} %`,
    style: extra <= TARGET ? 'green' : 'red',
  }
}
