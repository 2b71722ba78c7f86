// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Turns } from './turns.ts'

describe('turns', () => {
  it('give everybody a run that begins after the asking, and share it', async () => {
    const ends: (() => void)[] = []
    const turns = new Turns(() => new Promise((resolve) => ends.push(resolve)))
    const first = turns.run()
    const second = turns.run()
    assert.equal(turns.run(), second)
    assert.equal(ends.length, 1)
    ends[0]?.()
    await first
    await Promise.resolve()
    assert.equal(ends.length, 2)
    const third = turns.run()
    ends[1]?.()
    await second
    await new Promise(setImmediate)
    ends[2]?.()
    await third
    assert.equal(ends.length, 3)
  })

  it('go on after one that failed', async () => {
    let runs = 0
    const turns = new Turns(async () => {
      if (++runs === 1) throw new Error('once')
    })
    const first = turns.run()
    const second = turns.run()
    await assert.rejects(first, /once/)
    await second
    await turns.idle()
    assert.equal(runs, 2)
  })
})
