// SPDX-License-Identifier: Apache-2.0
/**
 * The depth benchmark: what a relay costs whose receivers are all down, as mail comes and comes. Prints each step, judges
 * the whole, and ends with 1 where a target was missed.
 *
 *   npm run bench:depth -- [--short] [--help]
 */
import { formatSize } from '../src/base/quantity.ts'
import { wholeNumber } from '../test/support/program-options.ts'
import { commandLine, contentSize, workFolder } from './command-line.ts'
import { verdictsOf } from './depth-judge.ts'
import type { DepthStep } from './depth-result.ts'
import { runDepth } from './depth-run.ts'

const values = commandLine(
  `Usage: npm run bench:depth -- [options]
  --messages <n>        of 10 recipients each over 100,000 domains (default 1000000), in ten steps
  --short               a tenth of that
  --size <octets>       of content (default 4k)
  --profile <folder>    writes CPU profiles of the relay there`,
  {
    messages: { type: 'string', default: '1000000' },
    short: { type: 'boolean', default: false },
    size: { type: 'string', default: '4k' },
    profile: { type: 'string' },
  },
)

const RECIPIENTS = 10
/** As wide as what stands below them. */
const HEADINGS = [
  'messages',
  'messages/s',
  'CPU ms/message',
  '  resident',
  '      mail',
  '     index',
  '    events',
  'octets/message without events',
]
const STEPS = 10
const octets = contentSize('size', values.size)
const messages = wholeNumber('messages', values.messages) / (values.short ? 10 : 1)
using folder = workFolder(values.dir, 'depth')
const isTerminal = process.stderr.isTTY
const clear = isTerminal ? '\r\x1b[K' : ''
if (!values.json) console.log(columns(HEADINGS))
const result = await runDepth({
  messages,
  steps: STEPS,
  recipients: RECIPIENTS,
  octets,
  connections: 20,
  sessions: 5_000,
  folder: folder.path,
  profileFolder: values.profile ?? null,
  onProgress: (text) => {
    if (isTerminal) process.stderr.write(`${clear}${text}`)
  },
  onPhase: (name, tookMs) => process.stderr.write(`${clear}${name}: ${seconds(tookMs)}\n`),
  onStep: (step) => {
    if (!values.json) console.log(`${clear}${columns(stepCells(step))}`)
  },
})
const verdicts = verdictsOf(result, octets, RECIPIENTS)
if (values.json) console.log(JSON.stringify({ ...result, verdicts }))
else
  for (const { isMet, name, value, target } of verdicts)
    console.log(`${isMet ? 'ok    ' : 'MISSED'}  ${name}: ${value} (${target})`)
process.exitCode = verdicts.every(({ isMet }) => isMet) ? 0 : 1

function stepCells({ messages, perSecond, cpuMsPerMessage, residentOctets, disk }: DepthStep) {
  const perMessage = (disk.mail + disk.index) / messages
  return [
    String(messages),
    perSecond.toFixed(0),
    cpuMsPerMessage.toFixed(2),
    ...[residentOctets, disk.mail, disk.index, disk.events].map(formatSize),
    perMessage.toFixed(0),
  ]
}

function columns(cells: readonly string[]): string {
  return cells.map((cell, at) => cell.padStart(HEADINGS[at]?.length ?? 0)).join('  ')
}

function seconds(tookMs: number): string {
  return `${(tookMs / 1_000).toFixed(1)} s`
}
