// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { watchedRig } from '../../../test/support/journal-rig.ts'
import { SAMPLE_QUEUE, sampleDelivered } from '../../../test/support/mail-samples.ts'
import { idsOf, submit } from '../../../test/support/spool-rig.ts'
import { systemError } from '../../../test/support/watched-files.ts'
import { timestampOf } from '../../events/event.ts'
import { systemFiles } from './journal-files.ts'

it('does not forget fresh mail whose last outcome is not on the disk, though the index was brought up to date', async () => {
  await using rig = await watchedRig()
  const { message, recipient } = await submit(rig.spool, rig.clock.now())
  const at = timestampOf(rig.clock.now())
  await rig.spool.append([{ type: 'node.test', at, node: 'test', tenant: null, text: 'Unsynced.' }])
  let recorded: Promise<void> | null = null
  rig.files.fault = ({ kind, path }) => {
    if (!path.startsWith('event')) return undefined
    // The outcome comes while the checkpoint waits for its sync, and is not written before the kill.
    if (kind === 'sync')
      recorded ??= rig.spool.record([sampleDelivered(recipient, rig.clock.now())])
    if (kind === 'write') throw systemError('ENOSPC')
    return undefined
  }
  await rig.spool.freeDisk()
  rig.files.fault = () => undefined
  assert.ok(recorded !== null)
  const again = await rig.reopen('killed', { files: systemFiles })
  const { recipients } = await again.take(SAMPLE_QUEUE, rig.clock.now(), 10)
  assert.deepEqual(idsOf(recipients), [message.id])
})
