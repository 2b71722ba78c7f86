// SPDX-License-Identifier: Apache-2.0
/** Very many clients: those that are too many hear so at once, those that dawdle are ended, those that wait cost little. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { makeCertificate } from '../../src/app/self-signed-certificate.ts'
import { SystemClock } from '../../src/base/clock.ts'
import { SystemRandom } from '../../src/base/random.ts'
import { RunningListener } from '../support/running-listener.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { SmtpDialog } from '../support/smtp-dialog.ts'

const MINUTE_MS = 60_000
const IDLE = 1_000
/** So many have made V8 grow its room for young objects. */
const FIRST = 1_000
const KIB = 1_024

for (const [refusedSessions, expected] of [
  [100, /^421 4\.7\.0 Too many sessions/],
  [0, /^\(closed\)$/],
] as const)
  test(`Of a crowd as many are served as may be, the others hear ${expected.source} at once`, async () => {
    await using running = await RunningListener.start({ limits: { sessions: 20, refusedSessions } })
    const open = () => SmtpDialog.open(running.port)
    const dialogs = await Promise.all(Array.from({ length: 100 }, open))
    const said = await Promise.all(dialogs.map((dialog) => dialog.reply()))
    assert.equal(said.filter((text) => text.startsWith('220 ')).length, 20)
    assert.equal(said.filter((text) => expected.test(text)).length, 80)
    assert.equal(running.listener.counts.sessionsRefused, 80)
    for (const dialog of dialogs) await dialog[Symbol.asyncDispose]()
  })

test('Who sends an octet now and then never ends a line, and is ended with the session', async () => {
  await using running = await RunningListener.start({
    limits: { sessionTimeoutMs: 30 * MINUTE_MS },
  })
  await using dialog = await SmtpDialog.open(running.port)
  await dialog.reply()
  for (let minutes = 0; minutes < 28; minutes += 4) {
    dialog.send('N')
    // So that the octet is there before time goes on.
    await using other = await SmtpDialog.open(running.port)
    await other.reply()
    running.wait(4 * MINUTE_MS)
  }
  running.wait(3 * MINUTE_MS)
  assert.match(await dialog.rest(), /^421 4\.4\.2 /)
})

test('Who stops in a handshake after STARTTLS is cut within a minute', async () => {
  const certificate = await makeCertificate(
    { commonName: 'relay.example' },
    new SystemClock(),
    new SystemRandom(),
  )
  await using running = await RunningListener.start({ certificate })
  await using dialog = await SmtpDialog.open(running.port)
  await dialog.reply()
  await dialog.say('EHLO c')
  assert.match(await dialog.say('STARTTLS'), /^220 /)
  // The header of a record that never comes.
  dialog.send('\x16\x03\x01\x02\x00\x01')
  running.wait(MINUTE_MS + 1_000)
  assert.equal(await dialog.rest(), '')
})

for (const [what, tls, most] of [
  ['in the clear', 'starttls', 24 * KIB],
  ['in TLS', 'implicit', 96 * KIB],
] as const)
  test(`A session that waits ${what} takes at most ${most / KIB} KiB of the relay`, async () => {
    await using relay = await RunningRelay.start({
      submission: `tls = "${tls}"\nmax_sessions_per_address = ${FIRST + IDLE}`,
    })
    const open = (): Promise<SmtpDialog> =>
      tls === 'implicit' ? SmtpDialog.openTls(relay.port) : SmtpDialog.open(relay.port)
    const dialogs: SmtpDialog[] = []
    const openUpTo = async (count: number) => {
      while (dialogs.length < count) {
        const more = await Promise.all(Array.from({ length: 50 }, open))
        for (const dialog of more) assert.match(await dialog.reply(), /^220 /)
        for (const dialog of more) assert.match(await dialog.say('EHLO c'), /^250/)
        dialogs.push(...more)
      }
    }
    // What a relay takes once, by its first sessions and while it starts, is not theirs.
    await openUpTo(FIRST)
    const before = residentOctets(relay.pid)
    await openUpTo(FIRST + IDLE)
    const each = (residentOctets(relay.pid) - before) / IDLE
    assert.ok(each < most, `${each} octets each`)
    for (const dialog of dialogs) await dialog[Symbol.asyncDispose]()
  })

function residentOctets(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * KIB
}
