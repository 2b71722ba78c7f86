// SPDX-License-Identifier: Apache-2.0
/** What every spool promises: ownership, order, time, content. Its other half is `spool-log.ts`. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hours, type Instant, minutes, ms, plus } from '../../src/base/brand.ts'
import {
  SAMPLE_QUEUE,
  sampleBounced,
  sampleDeferred,
  sampleDelivered,
  sampleExpired,
} from '../support/mail-samples.ts'
import {
  bodyOf,
  CONTENT,
  idsOf,
  KEEP_FAILED,
  RETRY_AFTER,
  SIGNATURE,
  type SpoolRig,
  submit,
} from '../support/spool-rig.ts'
import { spoolLogConformance } from './spool-log.ts'

export type MakeRig = () => Promise<SpoolRig>

export function spoolConformance(name: string, make: MakeRig): void {
  describe(`${name} as a spool`, () => {
    ownership(make)
    time(make)
    content(make)
    recovery(make)
  })
  spoolLogConformance(name, make)
}

function ownership(make: MakeRig): void {
  it('gives a fresh recipient to who committed it, and to nobody else', async () => {
    await using rig = await make()
    const { recipient } = await submit(rig.spool, rig.clock.now())
    assert.equal(recipient.index, 0)
    assert.equal(recipient.attempts, 0)
    assert.equal(recipient.lastReply, null)
    assert.deepEqual([...rig.spool.waiting()], [])
    const taken = await rig.spool.take(SAMPLE_QUEUE, rig.clock.now(), 10)
    assert.deepEqual(taken, { recipients: [], nextDueAt: null })
  })

  it('hands out again who was given back, to one taker only', async () => {
    await using rig = await make()
    const { message, recipients } = await submit(rig.spool, rig.clock.now())
    rig.spool.giveBack(recipients)
    const now = rig.clock.now()
    assert.deepEqual(
      [...rig.spool.waiting()],
      [{ queue: SAMPLE_QUEUE, waiting: 1, nextDueAt: now }],
    )
    const [first, second] = await Promise.all([
      rig.spool.take(SAMPLE_QUEUE, now, 10),
      rig.spool.take(SAMPLE_QUEUE, now, 10),
    ])
    assert.deepEqual(idsOf([...first.recipients, ...second.recipients]), [message.id])
    assert.deepEqual([...rig.spool.waiting()], [])
    rig.spool.giveBack([...first.recipients, ...second.recipients])
    const again = await rig.spool.take(SAMPLE_QUEUE, now, 10)
    assert.deepEqual(idsOf(again.recipients), [message.id])
  })

  it('takes by priority, then due time, then order of reception, up to the limit', async () => {
    await using rig = await make()
    const start = rig.clock.now()
    const all = []
    for (const [at, priority] of [
      [2, 5],
      [1, 5],
      [1, 5],
      [3, 0],
    ] as const)
      all.push(await submit(rig.spool, plus(start, ms(at)), { priority }))
    rig.clock.advance(minutes(1))
    for (const { recipients } of all) rig.spool.giveBack(recipients)
    const first = await rig.spool.take(SAMPLE_QUEUE, rig.clock.now(), 3)
    assert.deepEqual(
      idsOf(first.recipients),
      [all[3], all[1], all[2]].map((one) => one?.message.id),
    )
    assert.equal(first.nextDueAt, plus(start, ms(2)))
    const rest = await rig.spool.take(SAMPLE_QUEUE, rig.clock.now(), 3)
    assert.deepEqual(idsOf(rest.recipients), [all[0]?.message.id])
    assert.equal(rest.nextDueAt, null)
  })

  it('keeps queues apart', async () => {
    await using rig = await make()
    const ours = await submit(rig.spool, rig.clock.now(), { recipients: ['a@example.org'] })
    const theirs = await submit(rig.spool, rig.clock.now(), { campaign: 'spring' })
    rig.spool.giveBack([...ours.recipients, ...theirs.recipients])
    const names = [...rig.spool.waiting()].map(({ queue }) => queue).sort()
    assert.deepEqual(names, ['receipts.spring:shop@example.net', 'receipts:shop@example.org'])
    const taken = await rig.spool.take('receipts:shop@example.org', rig.clock.now(), 10)
    assert.deepEqual(idsOf(taken.recipients), [ours.message.id])
    const none = await rig.spool.take('receipts:shop@nowhere.example', rig.clock.now(), 10)
    assert.deepEqual(none, { recipients: [], nextDueAt: null })
  })

  it('lets the recipients of one message go their own ways', async () => {
    await using rig = await make()
    const recipients = ['a@example.net', 'b@example.net', 'c@example.net']
    const sent = await submit(rig.spool, rig.clock.now(), { recipients })
    const [a, b, c] = sent.recipients
    assert.ok(a && b && c)
    const next = plus(rig.clock.now(), RETRY_AFTER)
    await rig.spool.record([
      sampleDelivered(a, rig.clock.now()),
      sampleDeferred(c, rig.clock.now(), next),
    ])
    rig.spool.giveBack([b])
    const taken = await rig.spool.take(SAMPLE_QUEUE, rig.clock.now(), 10)
    assert.deepEqual(
      taken.recipients.map(({ index }) => index),
      [1],
    )
    assert.equal(taken.nextDueAt, next)
  })

  it('refuses an outcome of somebody whom nobody owns', async () => {
    await using rig = await make()
    const { recipient } = await submit(rig.spool, rig.clock.now())
    await rig.spool.record([sampleDelivered(recipient, rig.clock.now())])
    const again = rig.spool.record([sampleBounced(recipient, rig.clock.now())])
    await assert.rejects(again, { code: 'RLY_MESSAGE_UNKNOWN' })
  })

  it('shows who waits without taking anybody', async () => {
    await using rig = await make()
    const { message, recipients } = await submit(rig.spool, rig.clock.now())
    const owned = await submit(rig.spool, rig.clock.now())
    rig.spool.giveBack(recipients)
    const seen = await rig.spool.peek(SAMPLE_QUEUE, 10)
    assert.deepEqual(idsOf(seen), [message.id])
    assert.deepEqual(seen[0]?.message, message)
    const taken = await rig.spool.take(SAMPLE_QUEUE, rig.clock.now(), 10)
    assert.deepEqual(idsOf(taken.recipients), [message.id])
    assert.deepEqual(await rig.spool.peek(SAMPLE_QUEUE, 10), [])
    rig.spool.giveBack(owned.recipients)
  })
}

function time(make: MakeRig): void {
  it('keeps a deferred recipient until it is due, with its attempts and the last reply', async () => {
    await using rig = await make()
    const { recipient } = await submit(rig.spool, rig.clock.now())
    const next = plus(rig.clock.now(), RETRY_AFTER)
    await rig.spool.record([sampleDeferred(recipient, rig.clock.now(), next)])
    const early = await rig.spool.take(SAMPLE_QUEUE, rig.clock.now(), 10)
    assert.deepEqual(early, { recipients: [], nextDueAt: next })
    assert.deepEqual(
      [...rig.spool.waiting()],
      [{ queue: SAMPLE_QUEUE, waiting: 1, nextDueAt: next }],
    )
    rig.clock.advance(RETRY_AFTER)
    const due = await rig.spool.take(SAMPLE_QUEUE, rig.clock.now(), 10)
    const [again] = due.recipients
    assert.equal(again?.attempts, 1)
    assert.equal(again?.dueAt, next)
    assert.deepEqual(again?.lastReply, { code: 450, enhanced: '4.2.1', text: 'Try again later' })
    assert.deepEqual(again?.message, recipient.message)
  })

  it('finds those that are too old in any queue, and takes them', async () => {
    await using rig = await make()
    const old = await submit(rig.spool, rig.clock.now(), { expiresAt: soon(rig) })
    const young = await submit(rig.spool, rig.clock.now(), { recipients: ['a@example.org'] })
    const next = plus(rig.clock.now(), hours(2))
    const later = [old, young].map((one) => sampleDeferred(one.recipient, rig.clock.now(), next))
    await rig.spool.record(later)
    assert.deepEqual(await rig.spool.takeExpired(rig.clock.now(), 10), [])
    rig.clock.advance(hours(1))
    const expired = await rig.spool.takeExpired(rig.clock.now(), 10)
    assert.deepEqual(idsOf(expired), [old.message.id])
    assert.deepEqual(await rig.spool.takeExpired(rig.clock.now(), 10), [])
    await rig.spool.record(expired.map((one) => sampleExpired(one, rig.clock.now())))
    const queues = [...rig.spool.waiting()].map(({ queue }) => queue)
    assert.deepEqual(queues, ['receipts:shop@example.org'])
  })

  it('moves the due time of all that wait in a queue, and of nobody else', async () => {
    await using rig = await make()
    const next = plus(rig.clock.now(), hours(2))
    const sent = [
      await submit(rig.spool, rig.clock.now()),
      await submit(rig.spool, rig.clock.now(), { priority: 5 }),
      await submit(rig.spool, rig.clock.now(), { recipients: ['a@example.org'] }),
    ]
    await rig.spool.record(
      sent.map(({ recipient }) => sampleDeferred(recipient, rig.clock.now(), next)),
    )
    const owned = await submit(rig.spool, rig.clock.now())
    await rig.spool.reschedule(SAMPLE_QUEUE, rig.clock.now())
    const taken = await rig.spool.take(SAMPLE_QUEUE, rig.clock.now(), 10)
    assert.deepEqual(
      idsOf(taken.recipients),
      sent.slice(0, 2).map(({ message }) => message.id),
    )
    const other = await rig.spool.take('receipts:shop@example.org', rig.clock.now(), 10)
    assert.equal(other.nextDueAt, next)
    await rig.spool.record([sampleDelivered(owned.recipient, rig.clock.now())])
  })
}

function content(make: MakeRig): void {
  it('gives back signature and content octet by octet, also where it came in pieces', async () => {
    await using rig = await make()
    const pieces = [CONTENT.subarray(0, 5), CONTENT.subarray(5, 6), CONTENT.subarray(6)]
    const { message, recipient } = await submit(rig.spool, rig.clock.now(), {}, pieces)
    const spooled = await rig.spool.content(message.id, recipient.address)
    assert.deepEqual(Buffer.from(spooled?.signature ?? []), SIGNATURE)
    assert.equal(spooled?.size, CONTENT.length)
    assert.deepEqual(await bodyOf(spooled), CONTENT)
  })

  it('reads content back from the disk, small and large', async () => {
    await using rig = await make()
    const large = Buffer.alloc(600_000, 'abcdefgh\r\n')
    for (const whole of [CONTENT, large]) {
      const { message } = await submit(rig.spool, rig.clock.now(), {}, [
        whole.subarray(0, 20),
        whole.subarray(20),
      ])
      const spool = await rig.reopen('closed')
      const taken = await spool.take(SAMPLE_QUEUE, rig.clock.now(), 10)
      const one = taken.recipients.find((recipient) => recipient.message.id === message.id)
      assert.ok(one)
      const spooled = await spool.content(message.id, one.address)
      assert.deepEqual(Buffer.from(spooled?.signature ?? []), SIGNATURE)
      assert.equal(spooled?.size, whole.length)
      assert.deepEqual(await bodyOf(spooled), whole)
    }
  })

  it('has no content of what was delivered', async () => {
    await using rig = await make()
    const { message, recipient } = await submit(rig.spool, rig.clock.now())
    await rig.spool.record([sampleDelivered(recipient, rig.clock.now())])
    assert.equal(await rig.spool.content(message.id, recipient.address), null)
  })

  it('keeps the content of what bounced or expired for its retention, then no longer', async () => {
    await using rig = await make()
    const bounced = await submit(rig.spool, rig.clock.now())
    const expired = await submit(rig.spool, rig.clock.now())
    await rig.spool.record([
      sampleBounced(bounced.recipient, rig.clock.now()),
      sampleExpired(expired.recipient, rig.clock.now()),
    ])
    for (const { message, recipient } of [bounced, expired])
      assert.deepEqual(
        await bodyOf(await rig.spool.content(message.id, recipient.address)),
        CONTENT,
      )
    rig.clock.advance(ms(KEEP_FAILED + 1))
    for (const { message, recipient } of [bounced, expired])
      assert.equal(await rig.spool.content(message.id, recipient.address), null)
  })
}

function recovery(make: MakeRig): void {
  for (const end of ['closed', 'killed'] as const) {
    it(`has everybody who is not final waiting after it was ${end}`, async () => {
      await using rig = await make()
      const owned = await submit(rig.spool, rig.clock.now())
      const given = await submit(rig.spool, rig.clock.now())
      const later = await submit(rig.spool, rig.clock.now())
      const next = plus(rig.clock.now(), RETRY_AFTER)
      rig.spool.giveBack(given.recipients)
      await rig.spool.record([sampleDeferred(later.recipient, rig.clock.now(), next)])
      const spool = await rig.reopen(end)
      const [queue, ...others] = spool.waiting()
      assert.deepEqual(others, [])
      assert.equal(queue?.waiting, 3)
      const taken = await spool.take(SAMPLE_QUEUE, next, 10)
      assert.deepEqual(
        idsOf(taken.recipients),
        [owned, given, later].map(({ message }) => message.id),
      )
      assert.deepEqual(
        taken.recipients.map(({ attempts }) => attempts),
        [0, 0, 1],
      )
      assert.equal(taken.recipients[2]?.lastReply?.code, 450)
    })

    it(`has nobody back who was final before it was ${end}`, async () => {
      await using rig = await make()
      const outcomes = [sampleDelivered, sampleBounced, sampleExpired]
      for (const outcome of outcomes) {
        const { recipient } = await submit(rig.spool, rig.clock.now())
        await rig.spool.record([outcome(recipient, rig.clock.now())])
      }
      const spool = await rig.reopen(end)
      assert.deepEqual([...spool.waiting()], [])
      assert.deepEqual(await spool.takeExpired(plus(rig.clock.now(), KEEP_FAILED), 10), [])
    })

    it(`knows nothing of drafts that were not committed when it was ${end}`, async () => {
      await using rig = await make()
      const open = rig.spool.begin()
      await open.write(Buffer.alloc(600_000))
      const aborted = rig.spool.begin()
      await aborted.write(CONTENT)
      aborted.abort()
      aborted.abort()
      open.abort()
      const spool = await rig.reopen(end)
      assert.deepEqual([...spool.waiting()], [])
    })
  }

  it('goes on after many ends', async () => {
    await using rig = await make()
    const ids: string[] = []
    for (const end of ['killed', 'closed', 'killed', 'killed'] as const) {
      ids.push((await submit(rig.spool, rig.clock.now())).message.id)
      await rig.reopen(end)
    }
    const taken = await rig.spool.take(SAMPLE_QUEUE, rig.clock.now(), 10)
    assert.deepEqual(idsOf(taken.recipients), ids)
  })
}

function soon(rig: SpoolRig): Instant {
  return plus(rig.clock.now(), minutes(30))
}
