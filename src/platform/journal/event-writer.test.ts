// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { TEST_LIMITS, type WatchedRig, watchedRig } from '../../../test/support/journal-rig.ts'
import { ms } from '../../base/brand.ts'
import { timestampOf } from '../../events/event.ts'

const TOGETHER_MS = 2

describe('the writes of events', () => {
  it('take what comes within two milliseconds together', async () => {
    await using rig = await rigThatGathers()
    await happen(rig, 'first')
    const begun = writes(rig)
    const others = Promise.all(['second', 'third', 'fourth'].map((text) => happen(rig, text)))
    await rig.files.quiet()
    assert.equal(writes(rig), begun)
    rig.clock.advance(ms(TOGETHER_MS))
    await others
    assert.equal(writes(rig), begun + 1)
  })

  it('are not put off where somebody waits for their sync', async () => {
    await using rig = await rigThatGathers()
    await happen(rig, 'first')
    const other = happen(rig, 'second')
    await rig.spool.keep([])
    await other
  })
})

function rigThatGathers(): Promise<WatchedRig> {
  return watchedRig({ limits: { ...TEST_LIMITS, outcomeWriteMs: TOGETHER_MS } })
}

function happen({ spool, clock }: WatchedRig, text: string): Promise<void> {
  const at = timestampOf(clock.now())
  return spool.append([{ type: 'node.tested', at, node: 'test', tenant: null, text }])
}

function writes({ files }: WatchedRig): number {
  return files.changes.filter(({ kind, path }) => kind === 'write' && path.startsWith('event'))
    .length
}
