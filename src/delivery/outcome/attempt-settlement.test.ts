// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sampleMessage } from '../../../test/support/mail-samples.ts'
import { noBrakes } from '../../../test/support/no-brakes.ts'
import { hours, type Instant, minutes, plus, seconds } from '../../base/brand.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { SeededRandom } from '../../base/random.ts'
import type { OutcomeEvent, Unwritten } from '../../events/event.ts'
import { journalId, newMessageId } from '../../events/ids.ts'
import type { SiteName } from '../../protocol/mx.ts'
import { reply } from '../../protocol/reply.ts'
import type { EgressSourceName } from '../../queue/egress.ts'
import { EgressPathMachine } from '../../queue/egress-path.ts'
import type { Batch, ReadyRecipient } from '../../queue/ready-queue.ts'
import { LessonBook } from '../../queue/shaping/lesson-book.ts'
import type { Taught } from '../../queue/shaping/lessons.ts'
import { OwnLessons } from '../../queue/shaping/own-lessons.ts'
import type { TransactionResult } from '../../smtp/client-exchange.ts'
import type { SpoolAddress } from '../../spool/message.ts'
import { type QueueName, queueOf } from '../../spool/queue-name.ts'
import type { DeliveryContext } from '../delivery-context.ts'
import { settleAttempt } from './attempt-settlement.ts'
import { diagnose } from './diagnose.ts'
import type { Outcome } from './outcome.ts'
import { transactionOutcomes } from './outcome-of-reply.ts'
import { PathReplies } from './path-replies.ts'

const busy = reply(421, '4.7.0', 'Too busy')
const greylisted = reply(450, '4.7.1', 'Greylisted')
const ok = reply(250, '2.0.0', 'Ok')
const facts = {
  mx: 'mx.example.net[192.0.2.1]:25',
  tls: null,
  offersDsn: false,
  conversation: [],
  transmitMs: 3,
}

/** Settles one attempt at as many recipients as there are outcomes. */
async function settled(
  outcomes: readonly Outcome[],
  more: {
    readonly isReportTaken?: boolean
    readonly isLostAfterSuccess?: boolean
    readonly isHeard?: boolean
    readonly hasOtherWay?: boolean
  } = {},
) {
  const clock = new ManualClock()
  const random = new SeededRandom(1)
  const path = { source: 'default' as EgressSourceName, site: 'mx.example.net' as SiteName }
  const machine = new EgressPathMachine(path, [minutes(10)], random)
  const id = newMessageId(clock.now(), journalId(1), random)
  const recipients = outcomes.map((_, at) => `user${at}@example.net`)
  const message = sampleMessage(id, clock.now(), { recipients })
  const batch = recipients.map((_, index): ReadyRecipient => {
    const state = { attempts: 0, dueAt: clock.now(), lastAttempt: null }
    const waiting = { message, address: {} as SpoolAddress, index, ...state }
    return { waiting, queue: queueOf(message, index), readySince: 0 }
  })
  const written: Unwritten<OutcomeEvent>[] = []
  const failed: number[] = []
  const waits: [QueueName, Instant][] = []
  const announced: string[] = []
  const taught: Taught[] = []
  const lessons = new OwnLessons(new LessonBook(1), clock, (each) => void taught.push(each))
  const limits = { provider: 'google', settings: {}, coldSince: null }
  const context = {
    node: 'test',
    lessons,
    clock,
    random,
    directory: () => ({ stream: () => ({ retryAfter: [seconds(30)] }) }),
    recorder: {
      record: async (events: typeof written) => {
        written.push(...events)
        return true
      },
      report: async (failures: readonly { recipient: ReadyRecipient }[]) => {
        failed.push(...failures.map(({ recipient }) => recipient.waiting.index))
        return more.isReportTaken ?? true
      },
    },
    announce: (type: string) => void announced.push(type),
    onWaiting: (queue: QueueName, at: Instant) => void waits.push([queue, at]),
    brakes: noBrakes,
    policy: () => ({ siteRests: [minutes(10)] }),
  } as unknown as DeliveryContext
  const { isLostAfterSuccess = false } = more
  const ended = {
    ...{ batch: batch as unknown as Batch, path: machine, outcomes, facts },
    ...{ by: 'peer' as const, isLostAfterSuccess },
  }
  await settleAttempt(context, {
    ...ended,
    connectMs: 1,
    pulledAt: 0,
    replies: more.isHeard ? new PathReplies(path, lessons, () => limits) : null,
    hasOtherWay: more.hasOtherWay ?? false,
    carried: 0,
  })
  return { now: clock.now(), machine, written, failed, waits, announced, taught }
}

test('Recipients of one transaction get each their own event, and only bounces are failures', async () => {
  const { written, failed, waits, machine } = await settled([
    { kind: 'delivered', reply: ok },
    {
      kind: 'bounced',
      reply: reply(550, '5.1.1', 'No such user'),
      said: 'peer',
      blame: 'recipient',
    },
    { kind: 'deferred', reply: greylisted, said: 'peer', blame: 'recipient' },
  ])
  assert.deepEqual(
    written.map(({ type }) => type),
    ['message.delivered', 'message.bounced', 'message.deferred'],
  )
  assert.deepEqual(failed, [1])
  assert.equal(waits.length, 1)
  assert.equal(machine.state.kind, 'open')
})

test('A recipient that is put off comes back by the schedule of its stream', async () => {
  const { now, waits } = await settled([
    { kind: 'deferred', reply: greylisted, said: 'peer', blame: 'recipient' },
  ])
  const [[queue, at] = []] = waits
  assert.equal(queue, 'receipts:shop@example.net')
  assert.ok(at !== undefined && at >= plus(now, seconds(27)) && at <= plus(now, seconds(33)))
})

test('A receiver that names a wait is tried when it is over, not before', async () => {
  const named = reply(450, '4.7.1', 'Greylisted, please come back in 00:09:00')
  const { now, waits } = await settled([
    { kind: 'deferred', reply: named, said: 'peer', blame: 'recipient' },
  ])
  const [[, at] = []] = waits
  assert.ok(at !== undefined && at > plus(now, minutes(9)) && at < plus(now, minutes(10)))
})

test('Where the path is to blame it rests, and its recipients come back when it may be tried', async () => {
  const { machine, waits, written } = await settled([
    { kind: 'deferred', reply: busy, said: 'peer', blame: 'path' },
    { kind: 'deferred', reply: busy, said: 'peer', blame: 'path' },
  ])
  assert.equal(machine.state.kind, 'backoff')
  if (machine.state.kind !== 'backoff') return
  assert.equal(machine.state.reason, 'Too busy')
  const { until } = machine.state
  assert.deepEqual(
    waits.map(([, at]) => at),
    [until, until],
  )
  for (const event of written)
    assert.equal(event.type === 'message.deferred' && Date.parse(event.nextAttemptAt), until)
})

test('A bounce whose report cannot be accepted now waits for it, with the words of the receiver', async () => {
  const refused = reply(550, '5.1.1', 'No such user')
  const { written, waits } = await settled(
    [{ kind: 'bounced', reply: refused, said: 'peer', blame: 'recipient' }],
    { isReportTaken: false },
  )
  const [event] = written
  assert.equal(event?.type, 'message.deferred')
  assert.ok(event?.type === 'message.deferred' && /550 5\.1\.1 No such user/.test(event.reply.text))
  assert.equal(waits.length, 1)
})

test('A connection that is lost after it delivered does not make the path rest', async () => {
  const lost = {
    kind: 'deferred',
    reply: reply(451, '4.4.2', 'lost'),
    said: 'peer',
    blame: 'path',
  } as const
  assert.equal((await settled([lost], { isLostAfterSuccess: true })).machine.state.kind, 'open')
  const rested = await settled([lost])
  assert.equal(rested.machine.state.kind, 'backoff')
  assert.deepEqual(rested.announced, ['path.backoff'])
})

for (const [about, words] of [
  [
    'its tenant',
    'an unusual rate of unsolicited mail originating from your DKIM domain [shop.example]',
  ],
  ['its content', 'an unusual rate of unsolicited mail containing one of your URL domains'],
] as const)
  test(`A complaint about ${about} slows no path, and is learned of the tenant at the provider`, async () => {
    const said = reply(421, '4.7.28', `Gmail has detected ${words}. Rate limited.`)
    const meant = diagnose(said, 'content', 'gmail-smtp-in.l.google.com')
    const { machine, taught, waits, now } = await settled(
      [{ kind: 'deferred', reply: said, said: 'peer', blame: 'path', meant }],
      { isHeard: true },
    )
    assert.equal(machine.state.kind, 'open')
    assert.deepEqual(
      taught.map(({ whom }) => whom),
      [{ kind: 'tenant', tenant: 'shop', at: 'google' }],
    )
    const [[, at] = []] = waits
    assert.ok(at !== undefined && at <= plus(now, seconds(33)), 'by the schedule of its stream')
  })

/** Replies that say that our address is not wanted, as large receivers give them. */
const blocks = [
  '550 5.7.1 Service unavailable, Client host [192.0.2.25] blocked using Spamhaus',
  "550 5.7.1 Unfortunately, messages from [192.0.2.25] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3140).",
  "550 5.7.1 Unfortunately, messages from [192.0.2.25] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3150).",
  '550 5.7.606 Access denied, banned sending IP [192.0.2.25]. To request removal from this list please visit https://sender.office.com/',
  '550 5.7.511 Access denied, banned sender[192.0.2.25]. To request removal from this list please forward this message to delist@microsoft.com.',
  "553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.25, because the ip is in Spamhaus's list",
  "550 5.7.1 [192.0.2.25] The IP you're using to send mail is not authorized to send email directly to our servers.",
  '554 5.7.1 [192.0.2.25] Connection refused: IP address blacklisted',
]

function refusedAtRcpt(line: string): Outcome {
  const [, code = '', enhanced = '', text = ''] = /^(\d+) (\S+) (.*)$/.exec(line) ?? []
  const decision = { reply: reply(Number(code), enhanced, text), said: 'peer', stage: 'rcpt' }
  const result = { recipients: [decision], lost: null, facts }
  const [outcome] = transactionOutcomes(result as unknown as TransactionResult)
  assert.ok(outcome)
  return outcome
}

test('A block of our address bounces nobody: the path rests for an hour where another may send, and the recipient comes back soon', async () => {
  for (const line of blocks) {
    const { failed, machine, now, waits, written } = await settled([refusedAtRcpt(line)], {
      hasOtherWay: true,
    })
    assert.equal(written[0]?.type, 'message.deferred', line)
    assert.deepEqual(failed, [], line)
    assert.ok(machine.state.kind === 'backoff' && machine.state.until >= plus(now, hours(1)), line)
    const [[, at] = []] = waits
    assert.ok(at !== undefined && at <= plus(now, minutes(11)), line)
  }
})

test('A block of our only source makes it rest as any failure of the path does', async () => {
  const { machine, now, written } = await settled([refusedAtRcpt(blocks[0] ?? '')])
  assert.equal(written[0]?.type, 'message.deferred')
  assert.ok(machine.state.kind === 'backoff' && machine.state.until <= plus(now, minutes(11)))
})
