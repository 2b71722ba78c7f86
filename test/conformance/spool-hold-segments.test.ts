// SPDX-License-Identifier: Apache-2.0
/** Held mail in a mostly dead segment: it is copied forward as it was, held or released, and an index made anew says the same. */
import assert from 'node:assert/strict'
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { days, plus } from '../../src/base/brand.ts'
import type { WaitingRecipient } from '../../src/spool/message.ts'
import { journalRig, TEST_LIMITS } from '../support/journal-rig.ts'
import { SAMPLE_QUEUE, sampleDelivered, sampleReleased } from '../support/mail-samples.ts'
import { idsOf, submit } from '../support/spool-rig.ts'

const limits = { ...TEST_LIMITS, segmentOctets: 20_000, inlineOctets: 10_000 }
const CONTENT = [Buffer.alloc(4_000, 'x')]

test('Mail that is held, or was released, is so after its segment went and its index was lost', async () => {
  await using rig = await journalRig({ limits })
  const now = rig.clock.now()
  const hold = { by: 'gate', why: 'It is doubtful.', until: plus(now, days(7)) } as const
  const held = await submit(rig.spool, now, { hold })
  const released = await submit(rig.spool, now, { hold, priority: 3 })
  rig.spool.giveBack([...held.recipients, ...released.recipients])
  const oldest = mailSegments(rig.folder)[0] ?? ''
  for (let count = 0; count < 12; count++) {
    const { recipient } = await submit(rig.spool, now, {}, CONTENT)
    await rig.spool.record([sampleDelivered(recipient, now)])
  }
  const all = await heldIn(rig.spool)
  const taken = await rig.spool.takeHeld(
    all.filter(({ message }) => message.id === released.message.id),
  )
  await rig.spool.record(taken.map((one) => sampleReleased(one, now)))
  for (let round = 0; round < 2; round++) await rig.spool.freeDisk()
  assert.ok(!mailSegments(rig.folder).includes(oldest))
  for (const index of ['kept', 'lost'] as const) {
    await rig.reopen('closed')
    if (index === 'lost') rmSync(join(rig.folder, 'index.sqlite'))
    await rig.reopen('killed')
    assert.deepEqual(idsOf(await heldIn(rig.spool)), [held.message.id], index)
    const { recipients } = await rig.spool.take(SAMPLE_QUEUE, rig.clock.now(), 10)
    assert.deepEqual(idsOf(recipients), [released.message.id], index)
    rig.spool.giveBack(recipients)
  }
})

function mailSegments(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.startsWith('mail-'))
    .sort()
}

async function heldIn(spool: {
  held(): AsyncIterable<WaitingRecipient>
}): Promise<readonly WaitingRecipient[]> {
  const seen: WaitingRecipient[] = []
  for await (const recipient of spool.held()) seen.push(recipient)
  return seen
}
