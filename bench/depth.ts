// SPDX-License-Identifier: Apache-2.0
/**
 * The depth benchmark: what a relay costs whose receivers are all down, as mail comes and comes. Prints each step, judges
 * the whole, and ends with 1 where a target was missed.
 *
 *   npm run bench:depth -- [--messages 1000000] [--short] [--json]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { formatSize } from '../src/base/quantity.ts'
import { verdictsOf } from './depth-judge.ts'
import type { DepthStep } from './depth-result.ts'
import { runDepth } from './depth-run.ts'

const HELP = `Usage: npm run bench:depth -- [options]
  --messages <n>     of 10 recipients each over 100,000 domains (default 1000000), in ten steps
  --short            a tenth of that
  --octets <n>       of content (default 4096)
  --dir <folder>     for the spool, on a disk (default: the system's temporary folder)
  --profile <folder> writes CPU profiles of the relay there
  --json             the whole result as one line of JSON`

const { values } = parseArgs({
  options: {
    messages: { type: 'string' },
    short: { type: 'boolean', default: false },
    octets: { type: 'string', default: '4096' },
    dir: { type: 'string', default: tmpdir() },
    profile: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(HELP)
  process.exit(0)
}

const RECIPIENTS = 10
const octets = Number(values.octets)
const folder = mkdtempSync(join(values.dir, 'posthaste-depth-'))
try {
  const result = await runDepth({
    messages: Number(values.messages ?? (values.short ? 100_000 : 1_000_000)),
    steps: 10,
    recipients: RECIPIENTS,
    octets,
    connections: 20,
    sessions: 5_000,
    folder,
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
} finally {
  rmSync(folder, { recursive: true, force: true })
}

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
