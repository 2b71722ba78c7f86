// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sampleMessage } from '../../test/support/mail-samples.ts'
import { silentLog } from '../base/log.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { SeededRandom } from '../base/random.ts'
import { journalId, newMessageId } from '../events/ids.ts'
import type { Envelope } from '../protocol/envelope.ts'
import { reply } from '../protocol/reply.ts'
import type { SpoolAddress } from '../spool/message.ts'
import { queueOf } from '../spool/queue-name.ts'
import { type FailureReportsContext, reportFailures } from './failure-reports.ts'
import type { Failure } from './outcome-recorder.ts'

const clock = new ManualClock()
const random = new SeededRandom(1)
const refused = reply(550, '5.1.1', 'No such user')

/** Failures of all recipients of one message. */
function failuresOf(recipients: readonly string[], change: Partial<Envelope> = {}): Failure[] {
  const id = newMessageId(clock.now(), journalId(1), random)
  const sample = sampleMessage(id, clock.now(), { recipients })
  const message = { ...sample, envelope: { ...sample.envelope, ...change } }
  return message.envelope.recipients.map((_, index): Failure => {
    const state = { attempts: 1, dueAt: clock.now(), lastReply: refused }
    const waiting = { message, address: {} as SpoolAddress, index, ...state }
    const recipient = { waiting, queue: queueOf(message, index), readySince: 0 }
    return { recipient, reply: refused, mx: 'mx.example.net[192.0.2.1]:25', because: 'bounced' }
  })
}

/** What is sent for them: to whom, and the text. */
async function reportsOf(failures: readonly Failure[], kind = 'transactional') {
  const sent: { to: string; text: string }[] = []
  const context = {
    hostname: 'relay.example',
    reportsFrom: () => 'postmaster@relay.example',
    clock,
    log: silentLog,
    spool: { content: () => Promise.resolve(null) },
    directory: () => ({ stream: () => ({ kind }) }),
    submit: (_: unknown, to: string, { content }: { content: Uint8Array }) => {
      sent.push({ to, text: Buffer.from(content).toString() })
      return Promise.resolve({ kind: 'accepted' })
    },
  } as unknown as FailureReportsContext
  await reportFailures(context, failures)
  return sent
}

test('Recipients of one message that fail together share a report, each message has its own', async () => {
  const one = failuresOf(['ann@a.example', 'bo@b.example'])
  const sent = await reportsOf([...one, ...failuresOf(['cy@c.example'])])
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
  const [report] = await reportsOf(failuresOf(['ann@a.example']))
  assert.match(report?.text ?? '', /text\/rfc822-headers/)
})

test('Bulk mail, the null reverse-path and NOTIFY=NEVER get no report', async () => {
  const never = failuresOf(['ann@a.example'])
  const [recipient] = never[0]?.recipient.waiting.message.envelope.recipients ?? []
  assert.ok(recipient)
  const recipients = [{ ...recipient, notify: [] }]
  assert.deepEqual(await reportsOf(failuresOf(['ann@a.example']), 'bulk'), [])
  assert.deepEqual(await reportsOf(failuresOf(['ann@a.example'], { reversePath: null })), [])
  assert.deepEqual(await reportsOf(failuresOf(['ann@a.example'], { recipients })), [])
})
