// SPDX-License-Identifier: Apache-2.0
/**
 * The depth benchmark: what a relay costs whose receivers are all down, as mail comes and comes. Prints each step, judges
 * the whole, and ends with 1 where a target was missed.
 *
 *   npm run bench:depth -- [--short] [--help]
 */
import { formatSize } from '../src/base/quantity.ts'
import { commandLine, contentSize, wholeNumber, workFolder } from './command-line.ts'
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
const STEPS = 10
const octets = contentSize('size', values.size)
const messages = wholeNumber('messages', values.messages) / (values.short ? 10 : 1)
using folder = workFolder(values.dir, 'depth')
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
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`)
  },
  onStep: (step) => {
    if (!values.json) console.log(`${process.stderr.isTTY ? '\r\x1b[K' : ''}${stepLine(step)}`)
  },
})
const verdicts = verdictsOf(result, octets, RECIPIENTS)
if (values.json) console.log(JSON.stringify({ ...result, verdicts }))
else
  for (const { isMet, name, value, target } of verdicts)
    console.log(`${isMet ? 'ok    ' : 'MISSED'}  ${name}: ${value} (${target})`)
process.exitCode = verdicts.every(({ isMet }) => isMet) ? 0 : 1

function stepLine({ messages, perSecond, cpuMsPerMessage, residentOctets, disk }: DepthStep) {
  const ratio = (disk.mail + disk.index) / (messages * octets)
  return [
    `${messages} messages`,
    `${perSecond.toFixed(0)}/s`,
    `${cpuMsPerMessage.toFixed(2)} ms CPU each`,
    `${formatSize(residentOctets)} resident`,
    `disk: mail ${formatSize(disk.mail)}, index ${formatSize(disk.index)}, events ${formatSize(disk.events)}`,
    `${ratio.toFixed(2)} × content without events`,
  ].join('   ')
}
