// SPDX-License-Identifier: Apache-2.0
/** What a warm-up makes of the spam folder, and of who engages and who does not. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Stage } from '../../../test/support/warm-up-stage.ts'

describe('A source in warm-up', () => {
  it('goes on where a newcomer is put into the spam folder, and is held where more of it is', () => {
    const stage = new Stage()
    stage.day({ delivered: 195, inboxed: 110, foldered: 85 })
    assert.equal(stage.warmUp.allowance, 500)
    stage.day({ delivered: 490, inboxed: 280, foldered: 210 })
    assert.equal(stage.warmUp.allowance, 1_000)
    const [held] = stage.day({ delivered: 980, inboxed: 500, foldered: 480 }).slice(-1)
    assert.match(held?.text ?? '', /^Held at 1,000 .*: 49 % of .* went to the spam folder/)
  })

  it('is warm no more where its repute falls, at a quarter of what it sent and no further for two weeks', () => {
    const stage = new Stage(5)
    for (let day = 0; day < 4; day++) stage.day({ delivered: 9_900, engaged: 1_980 })
    assert.equal(stage.warmUp.state.kind, 'warm')
    const [decision] = stage.day({ delivered: 9_900, engaged: 1_200 })
    assert.equal(
      decision?.text,
      'Warm no more at Outlook, and held at 2,000 a day: 39 % fewer opened or clicked than in the days before (limit 30 %).',
    )
    for (let day = 0; day < 13; day++) stage.day({ delivered: 1_980, engaged: 390 })
    assert.equal(stage.warmUp.allowance, 2_000)
    for (let day = 0; day < 2; day++) stage.day({ delivered: 1_980, engaged: 390 })
    assert.equal(stage.warmUp.allowance, 10_000)
  })

  it('is held while fewer engage than usual, however long: what was unusual does not become usual', () => {
    const stage = new Stage(3)
    const sizes = [1_950, 4_900]
    for (const delivered of sizes) stage.day({ delivered, engaged: delivered / 5 })
    assert.equal(stage.warmUp.allowance, 10_000)
    for (let day = 0; day < 9; day++) {
      const [held] = stage.day({ delivered: 9_900, engaged: 1_200 }).slice(-1)
      assert.match(
        held?.text ?? '',
        /fewer opened or clicked than in the days before \(limit 30 %\)/,
      )
    }
    assert.equal(stage.warmUp.allowance, 10_000)
  })

  it('knows nothing of engagement where nobody looks for it', () => {
    const stage = new Stage()
    for (const delivered of [195, 490, 990, 1_980]) stage.day({ delivered })
    assert.equal(stage.warmUp.state.kind, 'advancing')
  })
})
