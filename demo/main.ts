// SPDX-License-Identifier: Apache-2.0
/**
 * `npm run demo`: a whole relay on this machine, a shop that sends through it, and mailbox providers with tempers of their
 * own. Nothing leaves loopback, and it runs beside a live relay.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Terminal } from '../src/app/cli/terminal.ts'
import { SystemClock } from '../src/base/clock.ts'
import { programOptions, wholeNumber } from '../test/support/program-options.ts'
import { performCampaign } from './campaign/campaign.ts'
import { perform } from './performance.ts'

const HELP = `Usage: npm run demo -- [options]
  --exit          end when all mail is delivered, within 30 s: 0 if nothing was lost and all signatures verify
  --campaign      a campaign of which much comes back, at once and later, and an independent count of it; ends with 1 where
                  that differs from what the relay says
  --json          the summary as one line of JSON, the last line of standard output
  --messages <n>  how many (default 2000, of a campaign 10000)`

const values = programOptions(HELP, {
  exit: { type: 'boolean', default: false },
  campaign: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  messages: { type: 'string' },
})
const messages = wholeNumber('messages', values.messages ?? (values.campaign ? '10000' : '2000'))

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())

// People's text makes room for the JSON.
const terminal = new Terminal(values.json ? process.stderr : process.stdout, process.stderr, false)
const onSummary = (summary: unknown) => {
  if (values.json) process.stdout.write(`${JSON.stringify(summary)}\n`)
}
const clock = new SystemClock()
const folder = await mkdtemp(join(tmpdir(), 'posthaste-demo-'))
try {
  const isGood = values.campaign ? await campaign() : await day()
  process.exitCode = isGood ? 0 : 1
} finally {
  await rm(folder, { recursive: true, force: true })
}

function day(): Promise<boolean> {
  const isLive = !values.json && process.stdout.isTTY === true
  const staysUp = !values.exit
  return perform({
    folder,
    messages,
    staysUp,
    terminal,
    isLive,
    onSummary,
    clock,
    stop: stop.signal,
  })
}

async function campaign(): Promise<boolean> {
  const summary = await performCampaign({
    ...{ folder, recipients: messages, terminal, clock, stop: stop.signal },
  })
  onSummary(summary)
  return summary.isRight
}
