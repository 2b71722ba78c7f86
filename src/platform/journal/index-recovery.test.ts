// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, it } from 'node:test'
import { copyLiveFolder } from '../../../test/support/folder-copy.ts'
import { feedOf } from '../../../test/support/journal-feed.ts'
import { journalOptions, watchedRig } from '../../../test/support/journal-rig.ts'
import { readSome, submit } from '../../../test/support/spool-rig.ts'
import { replayDisk, systemError, WatchedFiles } from '../../../test/support/watched-files.ts'
import { openJournal } from './open-journal.ts'

it('announces mail whose event was not written, also where the start that would have done so was killed', async () => {
  await using rig = await watchedRig()
  const { message } = await submit(rig.spool, rig.clock.now())
  const { changes } = rig.files
  const event = changes.findIndex(({ path }) => path.startsWith('event'))
  const folder = mkdtempSync(join(tmpdir(), 'journal-'))
  replayDisk(changes.slice(0, event), folder)

  const files = new WatchedFiles(folder)
  files.fault = ({ kind, path }) => {
    if (kind === 'write' && path.startsWith('event')) throw systemError('EIO')
    return undefined
  }
  const options = journalOptions(folder, rig.clock)
  const killed = `${folder}-killed`
  await using _failing = await openJournal({ ...options, files })
  copyLiveFolder(folder, killed)

  await using journal = await openJournal({ ...options, folder: killed })
  const [first] = await readSome(feedOf(journal, killed), 'oldest', 1)
  assert.equal(first?.event.type, 'message.received')
  assert.ok(first.event.type === 'message.received' && first.event.messageId === message.id)
  after(() => {
    for (const one of [folder, killed]) rmSync(one, { recursive: true })
  })
})
