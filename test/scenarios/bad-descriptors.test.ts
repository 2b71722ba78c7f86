// SPDX-License-Identifier: Apache-2.0
/** Too few files may be open: new clients are sent away, those that are there go on, and so does delivery. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { seconds } from '../../src/base/brand.ts'
import { SystemClock } from '../../src/base/clock.ts'
import { until } from '../support/in-time.ts'
import { routeTo, trustLoopback } from '../support/relay-config.ts'
import { messageText, openSession, sendBySmtp, transact } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { startSink } from '../support/running-sink.ts'
import { SmtpDialog } from '../support/smtp-dialog.ts'

const MAIL = { mail: '<orders@shop.example>', rcpt: ['<ok@example.net>'] }
/** Too large for a record: it needs a file. */
const LARGE = messageText({ text: 'x'.repeat(70).concat('\r\n').repeat(5_000) })

test('A process that may open few files serves as many clients as that allows, says so, and sends away the rest', async () => {
  await using sink = await startSink()
  await using relay = await RunningRelay.start({
    openFiles: 200,
    domains: ['shop.example'],
    config: `${trustLoopback}${routeTo(sink.port)}`,
  })
  const [, percent] = /may have 200 files open, 4800 would .* (\d+) % of them/.exec(relay.log) ?? []
  assert.equal(percent, '2')
  assert.match(relay.log, /\\"LimitNOFILE=4800\\"/)

  await using clients = new AsyncDisposableStack()
  const dialogs: SmtpDialog[] = []
  let refusal = ''
  while (refusal === '') {
    const dialog = clients.use(await SmtpDialog.open(relay.port))
    const greeting = await dialog.reply()
    if (!greeting.startsWith('220 ')) refusal = greeting
    else if ((await dialog.say('EHLO client.example')).startsWith('250')) dialogs.push(dialog)
  }
  assert.match(refusal, /^421 4\.7\.0 Too many sessions/)
  assert.ok(dialogs.length >= 40 && dialogs.length < 50, `${dialogs.length} sessions`)
  for (const dialog of dialogs)
    assert.match(await transact(dialog, { ...MAIL, content: LARGE }), /^250 /)
  await until(
    () => sink.messages.length >= dialogs.length,
    () => `${sink.messages.length} messages arrived`,
  )
})

test('A process that cannot open a single file goes on with what it has, and idles', async () => {
  await using sink = await startSink()
  await using relay = await RunningRelay.start({
    domains: ['shop.example'],
    config: `${trustLoopback}${routeTo(sink.port)}[retry]\nsite_rest = ["200ms"]\n`,
  })
  await using early = await openSession(relay)
  // The journal has its files by then.
  assert.match(await transact(early, MAIL), /^250 /)
  await relay.waitForEvent((event) => event.type === 'message.delivered')
  // Some clients take what is left, and the next is cut.
  limitFiles(relay.pid, openFiles(relay.pid) + 5)
  await using clients = new AsyncDisposableStack()
  for (let cut = 0; cut < 3; ) {
    const dialog = clients.use(await SmtpDialog.open(relay.port))
    const greeting = await dialog.reply()
    if (greeting === '(closed)') cut++
    else assert.match(greeting, /^220 /)
  }
  assert.match(await transact(early, MAIL), /^250 /)
  const before = cpuTicks(relay.pid)
  await new SystemClock().sleep(seconds(1))
  assert.ok(cpuTicks(relay.pid) - before < 50, 'half a second of CPU in a second: it spins')

  limitFiles(relay.pid, 4_096)
  await relay.untilReadiness('ready')
  assert.match(await sendBySmtp(relay, MAIL), /^250 /)
  await until(
    () => sink.messages.length >= 3,
    () => `${sink.messages.length} messages arrived`,
  )
})

function limitFiles(pid: number, most: number): void {
  execFileSync('prlimit', ['--pid', String(pid), `--nofile=${most}:`])
}

function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length
}

/** Of user and system time, in hundredths of a second. */
function cpuTicks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return Number(fields[11]) + Number(fields[12])
}
