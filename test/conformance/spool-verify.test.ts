// SPDX-License-Identifier: Apache-2.0
/** No false alarm: whenever a journal is killed, what it leaves is sound to `verify`, and waits as the journal itself says. */
import assert from 'node:assert/strict'
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { minutes, plus } from '../../src/base/brand.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { journalId } from '../../src/events/ids.ts'
import { verifyJournal } from '../../src/platform/journal/verify-journal.ts'
import type { WaitingRecipient } from '../../src/spool/message.ts'
import { type JournalRig, journalRig, TEST_LIMITS } from '../support/journal-rig.ts'
import {
  SAMPLE_QUEUE,
  sampleBounced,
  sampleDeferred,
  sampleDelivered,
  sampleExpired,
} from '../support/mail-samples.ts'
import { KEEP_FAILED, RETRY_AFTER, submit } from '../support/spool-rig.ts'

/** So that segments close, die and are copied forward all the time, and much of the content has files. */
const SMALL = { ...TEST_LIMITS, segmentOctets: 6_000, inlineOctets: 1_500, dirtyRecipients: 7 }
const STEPS = 60

describe('a journal that is killed at any moment', () => {
  for (let seed = 1; seed <= 4; seed++)
    it(`is sound to verify, with seed ${seed}`, async () => {
      await using rig = await journalRig({ limits: SMALL })
      const random = new SeededRandom(seed)
      const owned: WaitingRecipient[] = []
      let living = 0
      for (let step = 0; step < STEPS; step++) {
        living += await live(rig, random, owned)
        await looksSound(rig, living, `seed ${seed}, step ${step}`)
      }
    })
})

/** Does one thing; returns how many more recipients wait, or fewer. */
async function live(
  { spool, clock }: JournalRig,
  random: SeededRandom,
  owned: WaitingRecipient[],
): Promise<number> {
  const chance = random.fraction()
  if (chance < 0.4) {
    const recipients = ['a@example.net', 'b@example.net', 'c@example.net']
    const body = Buffer.alloc(20 + Math.floor(random.fraction() * 2_000), 'x')
    const sent = await submit(spool, clock.now(), { recipients }, [body])
    owned.push(...sent.recipients)
    return recipients.length
  }
  if (chance < 0.5) await spool.freeDisk()
  else if (chance < 0.6) {
    clock.advance(RETRY_AFTER)
    owned.push(...(await spool.take(SAMPLE_QUEUE, clock.now(), 20)).recipients)
  } else {
    const some = owned.splice(0, 1 + Math.floor(random.fraction() * 5))
    const sort = random.fraction()
    const outcomes = some.map((recipient) => {
      const now = clock.now()
      if (sort < 0.3) return sampleDeferred(recipient, now, plus(now, minutes(1)))
      if (sort < 0.7) return sampleDelivered(recipient, now)
      return sort < 0.9 ? sampleBounced(recipient, now) : sampleExpired(recipient, now)
    })
    await spool.record(outcomes)
    return sort < 0.3 ? 0 : -some.length
  }
  return 0
}

async function looksSound(rig: JournalRig, living: number, when: string): Promise<void> {
  const folder = join(rig.folder, '..', 'killed')
  cpSync(rig.folder, folder, { recursive: true })
  const facts = await verifyJournal({
    folder,
    journal: journalId(1),
    keepFailed: () => KEEP_FAILED,
  })
  assert.deepEqual(facts.problems, [], when)
  assert.equal(facts.waiting, living, when)
  rmSync(folder, { recursive: true })
}
