// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { watchedRig } from '../../../test/support/journal-rig.ts'
import { sampleDelivered } from '../../../test/support/mail-samples.ts'
import { submit } from '../../../test/support/spool-rig.ts'
import type { WatchedFiles } from '../../../test/support/watched-files.ts'

function count(files: WatchedFiles, kind: 'write' | 'sync', family: 'mail' | 'event'): number {
  return files.changes.filter((one) => one.kind === kind && one.path.startsWith(family)).length
}

describe('group commit', () => {
  it('shares one write and one sync of each family among all that come together', async () => {
    await using rig = await watchedRig()
    const { files } = rig
    await submit(rig.spool, rig.clock.now())
    files.changes.length = 0
    const all = Array.from({ length: 50 }, () => submit(rig.spool, rig.clock.now()))
    const sent = await Promise.all(all)
    for (const family of ['mail', 'event'] as const) {
      assert.equal(count(files, 'write', family), 1)
      assert.equal(count(files, 'sync', family), 1)
    }
    files.changes.length = 0
    await Promise.all(
      sent.map(({ recipient }) => rig.spool.record([sampleDelivered(recipient, rig.clock.now())])),
    )
    assert.equal(count(files, 'write', 'event'), 1)
    assert.equal(count(files, 'sync', 'event'), 0)
  })

  it('writes mail before the answer, in this order: record, event, both syncs', async () => {
    await using rig = await watchedRig()
    const { files } = rig
    await submit(rig.spool, rig.clock.now())
    files.changes.length = 0
    await submit(rig.spool, rig.clock.now())
    const order = files.changes.map(({ kind, path }) => `${kind} ${path.split('-')[0]}`)
    assert.equal(order[0], 'write mail')
    for (const family of ['mail', 'event'])
      assert.ok(order.indexOf(`synced ${family}`) > order.indexOf(`write ${family}`))
  })

  it('lets outcomes be written while mail is being synced', async () => {
    await using rig = await watchedRig()
    const { files } = rig
    const { recipient } = await submit(rig.spool, rig.clock.now())
    let recorded: Promise<void> | null = null
    files.fault = ({ kind, path }) => {
      if (kind === 'sync' && path.startsWith('mail') && recorded === null)
        recorded = rig.spool.record([sampleDelivered(recipient, rig.clock.now())])
      return undefined
    }
    await submit(rig.spool, rig.clock.now())
    assert.ok(recorded)
    await recorded
  })
})
