// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sampleMessage } from '../../../test/support/mail-samples.ts'
import { silentLog } from '../../base/log.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { SeededRandom } from '../../base/random.ts'
import { journalId, newMessageId } from '../../events/ids.ts'
import type { Fate } from '../../protocol/dsn/report-facts.ts'
import type { Envelope } from '../../protocol/envelope.ts'
import { reply } from '../../protocol/reply.ts'
import type { Message, SpoolAddress } from '../../spool/message.ts'
import { queueOf } from '../../spool/queue-name.ts'
import { type DeliveryReportsContext, sendReports } from './delivery-reports.ts'
import type { Notice } from './notice.ts'

const clock = new ManualClock()
const random = new SeededRandom(1)
const refused = reply(550, '5.1.1', 'No such user')

/** Notices of all recipients of one message. */
function noticesOf(
  recipients: readonly string[],
  change: Partial<Envelope> = {},
  fate: Fate = { kind: 'bounced' },
  reports: Message['reports'] = { delayAt: null },
): Notice[] {
  const id = newMessageId(clock.now(), journalId(1), random)
  const sample = sampleMessage(id, clock.now(), { recipients })
  const message = { ...sample, reports, envelope: { ...sample.envelope, ...change } }
  return message.envelope.recipients.map((_, index): Notice => {
    const state = { attempts: 1, dueAt: clock.now(), lastAttempt: null }
    const waiting = { message, address: {} as SpoolAddress, index, ...state }
    const recipient = { waiting, queue: queueOf(message, index), readySince: 0 }
    const mx = 'mx.example.net[192.0.2.1]:25'
    return { recipient, fate, reply: refused, said: 'peer', mx, lastAttemptAt: clock.now() }
  })
}

/** What is sent for them: to whom, and the text. */
async function reportsOf(notices: readonly Notice[]) {
  const sent: { to: string; text: string }[] = []
  const context = {
    hostname: 'relay.example',
    reportsFrom: () => 'postmaster@relay.example',
    clock,
    log: silentLog,
    spool: { content: () => Promise.resolve({ kind: 'gone' }) },
    submit: (_: unknown, to: string, { content }: { content: Uint8Array }) => {
      sent.push({ to, text: Buffer.from(content).toString() })
      return Promise.resolve({ kind: 'accepted' })
    },
  } as unknown as DeliveryReportsContext
  await sendReports(context, notices)
  return sent
}

test('Recipients of one message that fail together share a report, each message has its own', async () => {
  const one = noticesOf(['ann@a.example', 'bo@b.example'])
  const sent = await reportsOf([...one, ...noticesOf(['cy@c.example'])])
  assert.deepEqual(
    sent.map(({ to, text }) => [to, text.match(/^Final-Recipient: .*(?=\r)/gm)?.length]),
    [
      ['orders@shop.example', 2],
      ['orders@shop.example', 1],
    ],
  )
  assert.match(sent[0]?.text ?? '', /^Remote-MTA: dns; mx\.example\.net\r$/m)
})

test('A message that is gone from the spool is reported without its header section', async () => {
  const [report] = await reportsOf(noticesOf(['ann@a.example']))
  assert.match(report?.text ?? '', /text\/rfc822-headers/)
})

const words = [null, [], ['FAILURE'], ['DELAY'], ['SUCCESS']] as const
const fates = [
  { kind: 'bounced' },
  { kind: 'expired' },
  { kind: 'delayed', retriesUntil: clock.now() },
  { kind: 'relayed' },
] as const
/** By RFC 3461 §4.1; rows as `fates`, columns as `words`. */
const expected = [
  [1, 0, 1, 0, 0],
  [1, 0, 1, 0, 0],
  [1, 0, 0, 1, 0],
  [0, 0, 0, 0, 1],
]

test('NOTIFY decides of what a submitter is told; where it is not given, of all but success', async () => {
  for (const [row, fate] of fates.entries())
    for (const [column, notify] of words.entries()) {
      const recipients = noticesOf(['ann@a.example'])[0]?.recipient.waiting.message.envelope
        .recipients
      const asked = (recipients ?? []).map((recipient) => ({ ...recipient, notify }))
      const sent = await reportsOf(noticesOf(['ann@a.example'], { recipients: asked }, fate))
      assert.equal(sent.length, expected[row]?.[column], `${fate.kind} with NOTIFY=${notify}`)
    }
})

test('A stream that sends no reports, and the null reverse-path, get none of anything', async () => {
  for (const fate of fates) {
    assert.deepEqual(await reportsOf(noticesOf(['ann@a.example'], {}, fate, null)), [])
    const nobody = { reversePath: null }
    assert.deepEqual(await reportsOf(noticesOf(['ann@a.example'], nobody, fate)), [])
  }
})
