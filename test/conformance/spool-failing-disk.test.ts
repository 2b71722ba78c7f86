// SPDX-License-Identifier: Apache-2.0
/**
 * The journal on a disk that fails for a while: it refuses, goes on by itself when the disk works again, and loses nothing
 * of what was promised, though the kernel has dropped what a failed sync was for.
 */
import assert from 'node:assert/strict'
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { minutes, plus } from '../../src/base/brand.ts'
import { journalId } from '../../src/events/ids.ts'
import { verifyJournal } from '../../src/platform/journal/verify-journal.ts'
import { turnFor, turnUntil, type WatchedRig, watchedRig } from '../support/journal-rig.ts'
import { keptLog } from '../support/kept-log.ts'
import { SAMPLE_QUEUE, sampleDeferred, sampleDelivered } from '../support/mail-samples.ts'
import { eventsSoFar, idsOf, KEEP_FAILED, RETRY_AFTER, submit } from '../support/spool-rig.ts'
import { failing, noFault } from '../support/watched-files.ts'

/** Changes of the disk; mending takes some thirty. */
const STEPS = 60
const LARGE = Buffer.alloc(600_000, 'x')

describe('the journal on a disk that fails for a while', () => {
  for (const kind of ['write', 'sync'] as const)
    it(`refuses mail after a failed ${kind} of it, takes mail again later, and never has the refused mail back`, async () => {
      const { log, lines } = keptLog()
      await using rig = await watchedRig({ log })
      const before = await submit(rig.spool, rig.clock.now())
      rig.files.fault = failing('EIO', kind, 'mail')
      await assert.rejects(submit(rig.spool, rig.clock.now()), { code: 'RLY_SPOOL_FAILED' })
      assert.throws(() => rig.spool.begin(), {
        code: 'RLY_SPOOL_FAILED',
        publicText: 'Local error in storage',
      })
      const health = rig.spool.health()
      assert.ok(health.kind === 'shedding' && health.why.startsWith('EIO'))
      // What was accepted before is sent, and its outcome recorded.
      await rig.spool.record([sampleDelivered(before.recipient, rig.clock.now())])
      await turnFor(rig, 120)
      assert.equal(rig.spool.health().kind, 'shedding')
      rig.files.fault = noFault
      await turnUntil(rig, () => rig.spool.health().kind === 'ok')
      assert.deepEqual(saidOf(lines), [
        'error the disk of the spool fails; mail is refused until it works again',
        'info the disk of the spool works again; mail is taken',
      ])
      const after = await submit(rig.spool, rig.clock.now())
      await checkWhole(rig, [before.message.id, after.message.id], [after.message.id])
    })

  for (const kind of ['write', 'sync'] as const)
    it(`holds outcomes back after a failed ${kind} of events, and has each once when the disk works again`, async () => {
      const { log, lines } = keptLog()
      await using rig = await watchedRig({ log })
      const sent = [
        await submit(rig.spool, rig.clock.now()),
        await submit(rig.spool, rig.clock.now()),
        await submit(rig.spool, rig.clock.now()),
      ] as const
      const [written, held, waiting] = sent
      if (kind === 'sync')
        await rig.spool.record([sampleDelivered(written.recipient, rig.clock.now())])
      rig.files.fault = failing('EIO', kind, 'event')
      let recorded = 0
      const outcomes = [held, ...(kind === 'write' ? [written] : [])].map(({ recipient }) =>
        rig.spool.record([sampleDelivered(recipient, rig.clock.now())]).then(() => recorded++),
      )
      await turnUntil(rig, () => rig.spool.health().kind === 'shedding')
      assert.throws(() => rig.spool.begin(), { code: 'RLY_SPOOL_FAILED' })
      await turnFor(rig, 120)
      if (kind === 'write') assert.equal(recorded, 0)
      rig.files.fault = noFault
      await turnUntil(rig, () => rig.spool.health().kind === 'ok')
      await Promise.all(outcomes)
      assert.equal(saidOf(lines).length, 2, saidOf(lines).join('\n'))
      const next = plus(rig.clock.now(), RETRY_AFTER)
      await rig.spool.record([sampleDeferred(waiting.recipient, rig.clock.now(), next)])
      const after = await submit(rig.spool, rig.clock.now())
      const ids = [...sent, after].map(({ message }) => message.id)
      await checkWhole(rig, ids, [waiting.message.id, after.message.id])
      for (const { message } of [written, held]) {
        const types = (await rig.spool.trace(message.id)).map(({ type }) => type)
        assert.deepEqual(types, ['message.received', 'message.delivered'])
      }
    })

  it('has the refused mail not back, and not announced, where it is killed before it could mend itself', async () => {
    await using rig = await watchedRig()
    const before = await submit(rig.spool, rig.clock.now())
    rig.files.fault = failing('EIO', 'sync', 'mail')
    await assert.rejects(submit(rig.spool, rig.clock.now()), { code: 'RLY_SPOOL_FAILED' })
    await checkWhole(rig, [before.message.id], [before.message.id])
  })

  it('refuses content that has a file where that cannot be synced, and keeps none of it', async () => {
    await using rig = await watchedRig()
    rig.files.fault = failing('EIO', 'sync', 'content')
    const sending = submit(rig.spool, rig.clock.now(), {}, [LARGE])
    await assert.rejects(sending, { code: 'RLY_SPOOL_FAILED' })
    assert.equal(rig.spool.health().kind, 'shedding')
    rig.files.fault = noFault
    await turnUntil(rig, () => rig.spool.health().kind === 'ok')
    const after = await submit(rig.spool, rig.clock.now(), {}, [LARGE])
    await checkWhole(rig, [after.message.id], [after.message.id])
  })

  it('does nothing by halves where the disk fails while it mends itself', async () => {
    let mended = 0
    for (let step = 0; step < STEPS; step += 3) {
      await using rig = await watchedRig()
      const before = await submit(rig.spool, rig.clock.now())
      const done = await submit(rig.spool, rig.clock.now())
      await rig.spool.record([sampleDelivered(done.recipient, rig.clock.now())])
      rig.files.fault = (change) => {
        failing('EIO', 'sync', 'mail')(change)
        failing('EIO', 'sync', 'event')(change)
        return undefined
      }
      await assert.rejects(submit(rig.spool, rig.clock.now()), { code: 'RLY_SPOOL_FAILED' })
      let changes = 0
      rig.files.fault = (change) => {
        if (++changes >= step) failing('EIO', change.kind, '')(change)
        return undefined
      }
      await turnFor(rig, 3)
      // Killed before it was whole: an outcome that the failed sync was for may be gone.
      const isMended = rig.spool.health().kind === 'ok'
      if (isMended) mended++
      const both = [before.message.id, done.message.id]
      await checkWhole(rig, both, [before.message.id], isMended ? [] : [done.message.id])
    }
    assert.ok(mended > 0 && mended < STEPS / 3, `mended ${mended} times`)
  })

  it('is tried less often the sooner it fails again', async () => {
    const { log, lines } = keptLog()
    await using rig = await watchedRig({ log })
    for (let round = 0; round < 300; round++) {
      if (rig.spool.health().kind === 'ok') {
        rig.files.fault = failing('EIO', 'write', 'mail')
        await assert.rejects(submit(rig.spool, rig.clock.now()))
        rig.files.fault = noFault
      }
      await turnFor(rig, 1)
    }
    const failures = lines.filter(({ level }) => level === 'error').length
    assert.ok(failures > 3 && failures < 15, `${failures} failures in five minutes`)
  })

  it('takes no mail where fewer files can be made than it needs, and says how many', async () => {
    await using rig = await watchedRig()
    rig.files.free = { names: 3 }
    await turnUntil(rig, () => rig.spool.health().kind === 'shedding')
    assert.throws(() => rig.spool.begin(), { code: 'RLY_SPOOL_FULL' })
    const health = rig.spool.health()
    assert.ok('why' in health)
    assert.equal(health.why, 'room for 3 more files, 256 wanted')
    rig.files.free = {}
    await turnUntil(rig, () => rig.spool.health().kind === 'ok')
  })
})

/** After a kill: exactly `received` were received, exactly `waiting` wait, perhaps `repeated`, and nothing is damaged. */
async function checkWhole(
  rig: WatchedRig,
  received: readonly string[],
  waiting: readonly string[],
  repeated: readonly string[] = [],
): Promise<void> {
  const spool = await rig.reopen('killed')
  const folder = join(rig.folder, '..', 'verified')
  cpSync(rig.folder, folder, { recursive: true })
  const facts = await verifyJournal({
    folder,
    journal: journalId(1),
    keepFailed: () => KEEP_FAILED,
  })
  assert.deepEqual(facts.problems, [])
  rmSync(folder, { recursive: true })
  const events = await eventsSoFar(rig)
  const announced = events.flatMap((event) =>
    event.type === 'message.received' ? [event.messageId] : [],
  )
  assert.deepEqual(announced.sort(), [...received].sort())
  const taken = await spool.take(SAMPLE_QUEUE, plus(rig.clock.now(), minutes(60)), 100)
  const here = idsOf(taken.recipients).filter((id) => !repeated.includes(id))
  assert.deepEqual(here.toSorted(), [...waiting].sort())
}

function saidOf(lines: ReturnType<typeof keptLog>['lines']): readonly string[] {
  return lines.map(({ level, text }) => `${level} ${text}`)
}
