// SPDX-License-Identifier: Apache-2.0
/** What every spool promises: ownership, order, time; with `spool-keeping.ts` and `spool-log.ts` the whole of it. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hours, type Instant, minutes, ms, plus } from '../../src/base/brand.ts'
import {
  SAMPLE_QUEUE,
  sampleBounced,
  sampleDeferred,
  sampleDelivered,
  sampleExpired,
  sampleMessage,
} from '../support/mail-samples.ts'
import { idsOf, RETRY_AFTER, type SpoolRig, submit } from '../support/spool-rig.ts'
import { spoolHoldConformance } from './spool-hold.ts'
import { spoolKeepingConformance } from './spool-keeping.ts'
import { spoolLogConformance } from './spool-log.ts'

type MakeRig = () => Promise<SpoolRig>

export function spoolConformance(name: string, make: MakeRig): void {
  describe(`${name} as a spool`, () => {
    ownership(make)
    time(make)
  })
  spoolHoldConformance(name, make)
  spoolKeepingConformance(name, make)
  spoolLogConformance(name, make)
}

function ownership(make: MakeRig): void {
  it('gives a fresh recipient to who committed it, and to nobody else', async () => {
    await using rig = await make()
    const { recipient } = await submit(rig.spool, rig.clock.now())
    assert.equal(recipient.index, 0)
    assert.equal(recipient.attempts, 0)
    assert.equal(recipient.lastAttempt, null)
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

  it('gives nobody before the release of their message, also after an end of either kind', async () => {
    await using rig = await make()
    const start = rig.clock.now()
    const release = plus(start, hours(2))
    const envelope = {
      ...sampleMessage(rig.spool.newId(), start).envelope,
      release: { at: release, asked: 'for;7200' },
    }
    const { message, recipient, recipients } = await submit(rig.spool, start, { envelope })
    assert.equal(recipient.dueAt, release)
    let spool = rig.spool
    spool.giveBack(recipients)
    for (const end of ['closed', 'killed'] as const) {
      assert.deepEqual(
        [...spool.waiting()],
        [{ queue: SAMPLE_QUEUE, waiting: 1, nextDueAt: release }],
      )
      const taken = await spool.take(SAMPLE_QUEUE, rig.clock.now(), 10)
      assert.deepEqual(taken, { recipients: [], nextDueAt: release })
      spool = await rig.reopen(end)
    }
    const late = await spool.take(SAMPLE_QUEUE, release, 10)
    assert.deepEqual(idsOf(late.recipients), [message.id])
  })

  it('lets a person release a message before its time', async () => {
    await using rig = await make()
    const now = rig.clock.now()
    const envelope = {
      ...sampleMessage(rig.spool.newId(), now).envelope,
      release: { at: plus(now, hours(2)), asked: 'for;7200' },
    }
    const { message, recipients } = await submit(rig.spool, now, { envelope })
    rig.spool.giveBack(recipients)
    await rig.spool.reschedule(SAMPLE_QUEUE, now)
    const taken = await rig.spool.take(SAMPLE_QUEUE, now, 10)
    assert.deepEqual(idsOf(taken.recipients), [message.id])
    rig.spool.giveBack(taken.recipients)
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
    assert.deepEqual(again?.lastAttempt, {
      at: recipient.message.receivedAt,
      mx: 'mx.example.net[192.0.2.25]:25',
      reply: { code: 450, enhanced: '4.2.1', text: 'Try again later' },
      said: 'peer',
    })
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

  it('brings forward what waits by the clock, where that was set back, and leaves a wanted release', async () => {
    await using rig = await make()
    const before = rig.clock.now()
    const release = { at: plus(before, hours(1)), asked: 'for;3600' }
    const { envelope } = sampleMessage(rig.spool.newId(), before)
    const fresh = await submit(rig.spool, before)
    const tried = await submit(rig.spool, before)
    const held = await submit(rig.spool, before, { envelope: { ...envelope, release } })
    rig.spool.giveBack([fresh.recipient, held.recipient])
    await rig.spool.record([sampleDeferred(tried.recipient, before, plus(before, minutes(30)))])

    rig.clock.jump(hours(-6))
    const now = rig.clock.now()
    assert.deepEqual((await rig.spool.take(SAMPLE_QUEUE, now, 10)).recipients, [])
    await rig.spool.clockSetBack(now, hours(6))
    const due = async (at: Instant) => await rig.spool.take(SAMPLE_QUEUE, at, 10)
    const first = await due(now)
    assert.deepEqual(idsOf(first.recipients), [fresh.message.id])
    assert.equal(first.nextDueAt, plus(now, minutes(30)))
    const second = await due(plus(now, minutes(30)))
    assert.deepEqual(idsOf(second.recipients), [tried.message.id])
    assert.equal(second.nextDueAt, release.at)
  })
}

function soon(rig: SpoolRig): Instant {
  return plus(rig.clock.now(), minutes(30))
}
