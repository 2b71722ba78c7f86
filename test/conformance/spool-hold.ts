// SPDX-License-Identifier: Apache-2.0
/** What every spool promises of mail that is held: nobody is tried, nobody is forgotten, whatever ends the process. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { days, hours, type Instant, instant, plus } from '../../src/base/brand.ts'
import type { WaitingRecipient } from '../../src/spool/message.ts'
import type { Spool } from '../../src/spool/spool.ts'
import {
  SAMPLE_QUEUE,
  sampleCancelled,
  sampleDeferred,
  sampleExpired,
  sampleReleased,
} from '../support/mail-samples.ts'
import { idsOf, type SpoolRig, submit } from '../support/spool-rig.ts'

const ENDS = ['closed', 'killed'] as const

export function spoolHoldConformance(name: string, make: () => Promise<SpoolRig>): void {
  describe(`${name} with mail that is held`, () => {
    it('gives it to nobody, and shows it, also after an end of either kind', async () => {
      await using rig = await make()
      const { message, until } = await holdOne(rig)
      let { spool } = rig
      for (const end of ENDS) {
        await isHeldAlone(spool, until)
        spool = await rig.reopen(end)
      }
      await isHeldAlone(spool, until)
      const [seen] = await heldIn(spool)
      assert.deepEqual(seen?.message, message)
      assert.equal(seen?.dueAt, until)
      assert.deepEqual(
        [...spool.waiting()],
        [{ queue: SAMPLE_QUEUE, waiting: 1, nextDueAt: until }],
      )
    })

    it('is not moved by whoever wants its queue tried now', async () => {
      await using rig = await make()
      const { until } = await holdOne(rig)
      await rig.spool.reschedule(SAMPLE_QUEUE, rig.clock.now())
      await isHeldAlone(rig.spool, until)
    })

    it('gives what is released as it gives other mail, by its priority', async () => {
      await using rig = await make()
      const held = await holdOne(rig, { priority: 1 })
      const other = await submit(rig.spool, rig.clock.now(), { priority: 4 })
      rig.spool.giveBack(other.recipients)
      await release(rig)
      const now = rig.clock.now()
      const { recipients } = await rig.spool.take(SAMPLE_QUEUE, now, 10)
      assert.deepEqual(idsOf(recipients), [held.message.id, other.message.id])
      assert.deepEqual(await heldIn(rig.spool), [])
    })

    for (const end of ENDS)
      for (const isIndexed of [false, true])
        it(`remembers after being ${end} who was released and cancelled, ${isIndexed ? 'and had a row' : 'fresh'}`, async () => {
          await using rig = await make()
          const recipients = ['a@example.net', 'b@example.net', 'c@example.net']
          const sent = await holdOne(rig, { recipients })
          if (isIndexed) await rig.reopen('closed')
          const [a, b] = await rig.spool.takeHeld(await heldIn(rig.spool))
          assert.ok(a && b)
          const now = rig.clock.now()
          await rig.spool.record([sampleReleased(a, now), sampleCancelled(b, now)])
          const spool = await rig.reopen(end)
          const taken = await spool.take(SAMPLE_QUEUE, now, 10)
          assert.deepEqual(indexesOf(taken.recipients), [0])
          assert.deepEqual(indexesOf(await heldIn(spool)), [2])
          assert.equal(spool.waitingCount(), 1)
          assert.equal(sent.message.id, taken.recipients[0]?.message.id)
        })

    it('takes back who was taken and not decided about, held as before', async () => {
      await using rig = await make()
      const { until } = await holdOne(rig)
      const taken = await rig.spool.takeHeld(await heldIn(rig.spool))
      assert.equal(taken.length, 1)
      assert.deepEqual(await rig.spool.takeHeld(taken), [])
      rig.spool.giveBack(taken)
      await isHeldAlone(rig.spool, until)
    })

    it('shows everybody who waits, held or not, page after page, and gives each once', async () => {
      await using rig = await make()
      const now = rig.clock.now()
      const others = Array.from({ length: 300 }, (_, at) => `b${at}@example.net`)
      const { message: held } = await holdOne(rig)
      const { message, recipients } = await submit(rig.spool, now, { recipients: others })
      const elsewhere = await submit(rig.spool, now, { recipients: ['c@example.org'] })
      const owned = await submit(rig.spool, now)
      rig.spool.giveBack([...recipients, ...elsewhere.recipients])
      const spool = rig.spool
      const seen: WaitingRecipient[] = []
      let pages = 0
      for await (const page of spool.look((queue) => queue === SAMPLE_QUEUE)) {
        seen.push(...page)
        pages++
      }
      assert.ok(pages > 1)
      assert.deepEqual(
        [seen.length, seen[0]?.message.id, seen.at(-1)?.message.id],
        [301, held.id, message.id],
      )
      assert.ok(seen.every((each) => each.message.id !== owned.message.id))
      const taken = await spool.takeWaiting(seen)
      assert.equal(taken.length, 301)
      assert.deepEqual(await spool.takeWaiting(seen), [])
      await spool.record(taken.map((each) => sampleCancelled(each, now)))
      rig.spool.giveBack(owned.recipients)
      const killed = await rig.reopen('killed')
      assert.equal(killed.waitingCount(), 2)
      assert.deepEqual(await heldIn(killed), [])
    })

    it('keeps who was released and deferred waiting for its time, and does not hold it again', async () => {
      await using rig = await make()
      await holdOne(rig)
      await release(rig)
      const now = rig.clock.now()
      const [recipient] = (await rig.spool.take(SAMPLE_QUEUE, now, 1)).recipients
      assert.ok(recipient)
      const next = plus(now, days(9))
      await rig.spool.record([sampleDeferred(recipient, now, next)])
      const spool = await rig.reopen('killed')
      assert.deepEqual(await heldIn(spool), [])
      assert.deepEqual(idsOf((await spool.take(SAMPLE_QUEUE, next, 1)).recipients).length, 1)
    })

    it('gives those whose hold is over, the oldest first, and nobody before', async () => {
      await using rig = await make()
      const late = await holdOne(rig, {}, hours(2))
      const early = await holdOne(rig, {}, hours(1))
      const before = plus(rig.clock.now(), hours(1))
      assert.deepEqual(await rig.spool.takeOverheld(instant(before - 1), 10), [])
      const [first] = await rig.spool.takeOverheld(before, 10)
      assert.equal(first?.message.id, early.message.id)
      await rig.spool.record([sampleExpired(first, before)])
      const spool = await rig.reopen('killed')
      assert.deepEqual(idsOf(await heldIn(spool)), [late.message.id])
    })
  })
}

async function holdOne(
  rig: SpoolRig,
  change: Parameters<typeof submit>[2] = {},
  during = hours(3),
) {
  const until = plus(rig.clock.now(), during)
  const hold = { by: 'gate', why: 'It is doubtful.', until } as const
  const sent = await submit(rig.spool, rig.clock.now(), { ...change, hold })
  rig.spool.giveBack(sent.recipients)
  return { ...sent, until }
}

async function heldIn(spool: Spool): Promise<readonly WaitingRecipient[]> {
  const seen: WaitingRecipient[] = []
  for await (const recipient of spool.held()) seen.push(recipient)
  return seen
}

async function isHeldAlone(spool: Spool, until: Instant): Promise<void> {
  const { recipients } = await spool.take(SAMPLE_QUEUE, plus(until, days(1)), 10)
  assert.deepEqual(recipients, [])
  assert.equal((await heldIn(spool)).length, 1)
}

async function release(rig: SpoolRig): Promise<void> {
  const taken = await rig.spool.takeHeld(await heldIn(rig.spool))
  const now = rig.clock.now()
  await rig.spool.record(taken.map((recipient) => sampleReleased(recipient, now)))
}

function indexesOf(recipients: readonly WaitingRecipient[]): readonly number[] {
  return recipients.map(({ index }) => index)
}
