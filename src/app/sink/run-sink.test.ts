// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { createTransport } from 'nodemailer'
import { instant } from '../../base/brand.ts'
import { RelayError } from '../../base/errors.ts'
import { KeptMessages } from './kept-messages.ts'
import { type RunSinkOptions, runSink } from './run-sink.ts'
import type { SinkMessage } from './sink-context.ts'

const defaults: RunSinkOptions = {
  address: '127.0.0.1',
  port: 0,
  tls: false,
  temperament: 'generous',
  json: false,
  countOnly: false,
  keep: null,
}

const received: SinkMessage = {
  at: instant(0),
  reversePath: '',
  recipients: [],
  size: 0,
  content: Buffer.alloc(0),
  messageId: null,
  tls: null,
  client: '127.0.0.1',
}

/** Runs the program while `use` talks to its port, and gives what it printed. */
async function printed(
  options: Partial<RunSinkOptions>,
  use: (port: number) => Promise<void>,
): Promise<readonly string[]> {
  const lines: string[] = []
  const stop = new AbortController()
  await new Promise<void>((resolve, reject) => {
    const print = (line: string): void => {
      lines.push(line)
      if (lines.length > 1) return
      const port = Number(/127\.0\.0\.1:(\d+)/.exec(line)?.[1])
      use(port)
        .catch(reject)
        .finally(() => stop.abort())
    }
    runSink({ ...defaults, ...options }, print, stop.signal).then(resolve, reject)
  })
  return lines
}

async function sendTwo(port: number): Promise<void> {
  const transport = createTransport({ host: '127.0.0.1', port, tls: { rejectUnauthorized: false } })
  await transport.sendMail({
    from: 'shop@example.org',
    to: ['ok@example.net', 'full@example.net'],
    messageId: '<1\x1b[31m@example.org>',
    text: 'hello',
  })
}

test('the sink prints an aligned line a message and a refusal, and a summary', async () => {
  const lines = await printed({ tls: true }, sendTwo)
  const [, first = '', second = '', summary = ''] = lines
  const [refused, accepted] = first.includes('552') ? [first, second] : [second, first]
  assert.match(
    refused,
    /^\d\d:\d\d:\d\d\.\d{3} {2}552 5\.2\.2 {23}<shop@example\.org> → full@example\.net {2}552 5\.2\.2 Mailbox full$/,
  )
  assert.match(
    accepted,
    /^\d\d:\d\d:\d\d\.\d{3} {2}accepted {6,9}\d+ B {2}TLSv1\.3 {2}<shop@example\.org> → ok@example\.net {2}<1/,
  )
  assert.equal(accepted.indexOf('→'), refused.indexOf('→'))
  assert.doesNotMatch(accepted, /\p{Cc}/u, 'nothing that moves the cursor')
  assert.match(summary, /^1 message for 1 recipient, \d+ B, in .*\n {2}full {2}1$/)
})

test('the sink prints JSON lines, and with --count-only just the summary', async () => {
  const lines = (await printed({ json: true }, sendTwo)).map((line) => JSON.parse(line))
  assert.deepEqual(lines.map(({ outcome }) => outcome).toSorted(), [
    'accepted',
    'listening',
    'refused',
    'summary',
  ])
  const accepted = lines.find(({ outcome }) => outcome === 'accepted')
  assert.deepEqual(accepted.recipients, ['ok@example.net'])
  assert.equal(accepted.content, undefined)
  assert.equal(lines.at(-1).counts.full, 1)

  const counted = await printed({ json: true, countOnly: true }, sendTwo)
  assert.equal(counted.length, 2)
  assert.equal(JSON.parse(counted[1] ?? '').messages, 1)
})

test('--keep writes the content to files, and no more than there may be', async (context) => {
  const directory = await mkdtemp(join(tmpdir(), 'posthaste-sink-'))
  context.after(() => rm(directory, { recursive: true }))
  await printed({ keep: directory }, sendTwo)
  assert.deepEqual(await readdir(directory), ['000001.eml'])
  const text = await readFile(join(directory, '000001.eml'), 'utf8')
  assert.match(text, /^Return-Path: <shop@example\.org>\r\nDelivered-To: ok@example\.net\r\nFrom: /)
  assert.match(text, /\r\n\r\nhello\r\n$/)

  const kept = await KeptMessages.open(directory, 1)
  assert.deepEqual([await kept.keep(received), await kept.keep(received)], [true, false])
  assert.deepEqual(await readdir(directory), ['000001.eml'])
})

test('an unknown temperament and a port that is taken are said with what to do', async () => {
  const isError = (code: string, text: RegExp) => (thrown: unknown) =>
    thrown instanceof RelayError && thrown.code === code && text.test(thrown.message)
  const neverStopped = new AbortController().signal
  await assert.rejects(
    runSink({ ...defaults, temperament: 'genrous' }, () => {}, neverStopped),
    isError('RLY_USAGE', /did you mean "generous"/),
  )
  await printed({}, async (port) => {
    await assert.rejects(
      runSink({ ...defaults, port }, () => {}, neverStopped),
      isError('RLY_PORT_IN_USE', /is taken; choose another with --port/),
    )
  })
})
