// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { journalRig } from '../../test/support/journal-rig.ts'
import { eventsSoFar, submit } from '../../test/support/spool-rig.ts'
import { hours, type Instant, plus } from '../base/brand.ts'
import type { DeliveryContext } from './delivery-context.ts'
import { endHolds } from './hold-watch.ts'
import { OutcomeRecorder } from './outcome/outcome-recorder.ts'

test('A hold that nobody decides about ends in an expiry, a report, and a word to the operator', async () => {
  await using rig = await journalRig()
  const { clock, spool } = rig
  const until = plus(clock.now(), hours(1))
  const hold = { by: 'gate', why: 'It is doubtful.', until } as const
  const { recipients } = await submit(spool, clock.now(), {
    hold,
    recipients: ['a@example.net', 'b@example.net'],
  })
  spool.giveBack(recipients)
  const reported: string[] = []
  const said: string[] = []
  const recorder = new OutcomeRecorder({
    spool,
    clock,
    log: { error: assert.fail, warn: assert.fail } as never,
    node: 'test',
    sendReports: async (notices) => {
      reported.push(...notices.map(({ fate }) => fate.kind))
      return true
    },
    onDiskFailure: () => assert.fail('the disk is well'),
  })
  const context = {
    clock,
    spool,
    recorder,
    lifecycle: { isStopping: false },
    announce: (...words: readonly string[]) => void said.push(words.join(' ')),
  } as unknown as DeliveryContext
  const end = async (now: Instant) => assert.equal(await endHolds(context, now), true)
  await end(plus(clock.now(), hours(0.9)))
  assert.deepEqual(said, [])
  await end(until)
  assert.deepEqual(reported, ['expired', 'expired'])
  assert.deepEqual(said, [
    'queue.hold-ended 2 recipients of mail that was held expired: nobody released or cancelled it in time shop',
  ])
  const types = (await eventsSoFar(rig)).map(({ type }) => type)
  assert.deepEqual(types.slice(1), ['message.expired', 'message.expired'])
  assert.equal(spool.waitingCount(), 0)
})
