// SPDX-License-Identifier: Apache-2.0
/** What every spool promises of content, and after an end: in order, or by `kill -9`. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hours, ms, plus } from '../../src/base/brand.ts'
import {
  SAMPLE_QUEUE,
  sampleBounced,
  sampleDeferred,
  sampleDelayed,
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

type MakeRig = () => Promise<SpoolRig>

export function spoolKeepingConformance(name: string, make: MakeRig): void {
  describe(`${name}, and what it keeps`, () => {
    content(make)
    recovery(make)
  })
}

function content(make: MakeRig): void {
  it('gives back signature and content octet by octet, also where it came in pieces', async () => {
    await using rig = await make()
    const pieces = [CONTENT.subarray(0, 5), CONTENT.subarray(5, 6), CONTENT.subarray(6)]
    const { message, recipient } = await submit(rig.spool, rig.clock.now(), {}, pieces)
    const spooled = await rig.spool.content(message.id, recipient.address)
    assert.ok(spooled.kind === 'readable')
    assert.deepEqual(Buffer.from(spooled.signature), SIGNATURE)
    assert.equal(spooled.size, CONTENT.length)
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
      assert.ok(spooled.kind === 'readable')
      assert.deepEqual(Buffer.from(spooled.signature), SIGNATURE)
      assert.equal(spooled.size, whole.length)
      assert.deepEqual(await bodyOf(spooled), whole)
    }
  })

  it('has no content of what was delivered', async () => {
    await using rig = await make()
    const { message, recipient } = await submit(rig.spool, rig.clock.now())
    await rig.spool.record([sampleDelivered(recipient, rig.clock.now())])
    assert.equal((await rig.spool.content(message.id, recipient.address)).kind, 'gone')
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
      assert.equal((await rig.spool.content(message.id, recipient.address)).kind, 'gone')
  })

  it('finds what is final again by its id, small and large, also after a restart', async () => {
    await using rig = await make()
    const large = Buffer.alloc(600_000, 'abcdefgh\r\n')
    const both = [
      { body: CONTENT, ...(await submit(rig.spool, rig.clock.now())) },
      { body: large, ...(await submit(rig.spool, rig.clock.now(), {}, [large])) },
    ]
    await rig.spool.record(both.map(({ recipient }) => sampleBounced(recipient, rig.clock.now())))
    const spool = await rig.reopen('closed')
    const unknown = spool.newId()
    const kept = await spool.kept([unknown, ...both.map(({ message }) => message.id)])
    assert.equal(kept.has(unknown), false)
    for (const { body, message } of both) {
      assert.deepEqual(kept.get(message.id)?.message, message)
      assert.deepEqual(await bodyOf(await kept.get(message.id)?.content()), body)
    }
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
      assert.equal(taken.recipients[2]?.lastAttempt?.reply.code, 450)
    })

    it(`hands out once who is to be told of, whether it was tried or not, also after it was ${end}`, async () => {
      await using rig = await make()
      const delayAt = plus(rig.clock.now(), hours(4))
      const reports = { reports: { delayAt } }
      const tried = await submit(rig.spool, rig.clock.now(), reports)
      const untried = await submit(rig.spool, rig.clock.now(), {
        ...reports,
        recipients: ['a@example.org'],
      })
      await submit(rig.spool, rig.clock.now(), { recipients: ['never@example.com'] })
      const next = plus(rig.clock.now(), hours(6))
      await rig.spool.record([sampleDeferred(tried.recipient, rig.clock.now(), next)])
      await rig.reopen(end)
      assert.deepEqual(await rig.spool.takeDelayed(rig.clock.now(), 10), [])
      rig.clock.advance(hours(4))
      const first = await rig.spool.takeDelayed(rig.clock.now(), 1)
      const others = await rig.spool.takeDelayed(rig.clock.now(), 10)
      const delayed = [...first, ...others]
      assert.deepEqual(idsOf(delayed).toSorted(), [tried.message.id, untried.message.id].toSorted())
      assert.deepEqual(await rig.spool.takeDelayed(rig.clock.now(), 10), [])
      await rig.spool.record(delayed.map((one) => sampleDelayed(one, rig.clock.now())))
      await rig.reopen(end)
      assert.deepEqual(await rig.spool.takeDelayed(rig.clock.now(), 10), [])
      rig.clock.advance(hours(2))
      const { recipients } = await rig.spool.take(SAMPLE_QUEUE, rig.clock.now(), 10)
      assert.deepEqual(
        recipients.map(({ attempts, dueAt, lastAttempt }) => [
          attempts,
          dueAt,
          lastAttempt?.reply.code,
        ]),
        [[1, next, 450]],
      )
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
