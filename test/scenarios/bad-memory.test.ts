// SPDX-License-Identifier: Apache-2.0
/** Clients that want all of the memory: the process stays under its cap, says so, and takes mail again when they have gone. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ms } from '../../src/base/brand.ts'
import { type Clock, SystemClock } from '../../src/base/clock.ts'
import { HostileClients } from '../support/hostile-clients.ts'
import { routeTo, trustLoopback } from '../support/relay-config.ts'
import { openSession, sendBySmtp } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { startSink } from '../support/running-sink.ts'
import { SmtpDialog } from '../support/smtp-dialog.ts'

const CAP_MIB = 640
const CLIENTS_OF_EACH = 200

test('A process stays under max_memory whatever clients do, and serves again when they have gone', async () => {
  await using sink = await startSink()
  await using relay = await RunningRelay.start({
    top: `max_memory = "${CAP_MIB} MiB"\n`,
    domains: ['shop.example'],
    config: `${trustLoopback}${routeTo(sink.port)}`,
  })
  await using idle = await openSession(relay)
  const clock = new SystemClock()
  const hostile = await HostileClients.attack(relay.port, clock, CLIENTS_OF_EACH)
  await relay.untilReadiness('not ready')
  assert.match((await relay.readiness()).why, /^clients hold .* of memory$/)
  assert.match(await idle.say('MAIL FROM:<orders@shop.example>'), /^452 4\.3\.1 /)
  assert.match(await farewell(relay.port, clock), /^421 4\.3\.2 /)

  hostile[Symbol.dispose]()
  await relay.untilReadiness('ready')
  assert.match(
    await sendBySmtp(relay, { mail: '<orders@shop.example>', rcpt: ['<ok@example.net>'] }),
    /^250 /,
  )
  await relay.waitForEvent((event) => event.type === 'message.delivered')
  const peak = peakMib(relay.pid)
  assert.ok(peak < CAP_MIB, `the process had ${peak} MiB, of ${CAP_MIB} that it may have`)
})

/** To who comes too late. While many are sent away at once, some are cut without a word. */
async function farewell(port: number, clock: Clock): Promise<string> {
  for (;;) {
    await using dialog = await SmtpDialog.open(port)
    const reply = await dialog.reply()
    if (reply !== '(closed)') return reply
    await clock.sleep(ms(100))
  }
}

/** Of resident memory, since the process began. */
function peakMib(pid: number): number {
  const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kib) / 1_024
}
