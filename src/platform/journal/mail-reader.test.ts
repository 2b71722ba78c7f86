// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { journalRig } from '../../../test/support/journal-rig.ts'
import { submit } from '../../../test/support/spool-rig.ts'
import { systemFiles } from './journal-files.ts'
import { MailReader } from './mail-reader.ts'
import { residentOf } from './resident.ts'
import { SegmentFiles } from './segment-files.ts'

describe('reading mail back', () => {
  for (const what of ['facts', 'record'] as const)
    it(`gives the ${what} of a record that is copied forward while it is read`, async () => {
      await using rig = await journalRig()
      const { recipient } = await submit(rig.spool, rig.clock.now())
      const { lsn, segment, offset } = residentOf(recipient.address)
      const segments = new SegmentFiles(rig.folder, systemFiles)
      const [header] = await segments.list()
      const reader = new MailReader(rig.folder, systemFiles, segments, header?.salt ?? 0)
      const place = { lsn, segment, offset }
      const reading = reader[what](place)
      // That is what compaction does to a message that is known, at any moment.
      Object.assign(place, { segment: segment + 100, offset: offset + 8 })
      assert.notEqual(await reading, null)
      await segments.close()
    })
})
