// SPDX-License-Identifier: Apache-2.0
/**
 * `npm run demo`: a whole relay on this machine, a shop that sends through it, and mailbox providers with tempers of their
 * own. Nothing leaves loopback, and it runs beside a live relay.
 *
 *   npm run demo -- [--exit] [--json] [--messages 2000]
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Terminal } from '../src/app/cli/terminal.ts'
import { SystemClock } from '../src/base/clock.ts'
import { perform } from './performance.ts'

const HELP = `Usage: npm run demo -- [options]
  --exit          end when all mail is delivered, within 30 s: 0 if nothing was lost and all signatures verify
  --json          the summary as one line of JSON, the last line of standard output
  --messages <n>  how many (default 2000)`

const { values } = parseArgs({
  options: {
    exit: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    messages: { type: 'string', default: '2000' },
    help: { type: 'boolean', default: false },
  },
})
const messages = /^[1-9]\d{0,5}$/.test(values.messages) ? Number(values.messages) : 0
if (values.help || messages === 0) {
  console.log(HELP)
  process.exit(values.help ? 0 : 64)
}

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())

const folder = await mkdtemp(join(tmpdir(), 'posthaste-demo-'))
try {
  const isGood = await perform({
    folder,
    messages,
    staysUp: !values.exit,
    // People's text makes room for the JSON.
    terminal: new Terminal(values.json ? process.stderr : process.stdout, process.stderr, false),
    isLive: !values.json && process.stdout.isTTY === true,
    onSummary: (summary) => {
      if (values.json) process.stdout.write(`${JSON.stringify(summary)}\n`)
    },
    clock: new SystemClock(),
    stop: stop.signal,
  })
  process.exitCode = isGood ? 0 : 1
} finally {
  await rm(folder, { recursive: true, force: true })
}
