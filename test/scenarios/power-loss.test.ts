// SPDX-License-Identifier: Apache-2.0
/** The short form of `npm run power`: disks as power cuts leave them, the journal's and SQLite's writes alike. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DiskShim, unlessCompilable } from '../faults/disk-shim.ts'
import { runPowerCuts } from '../faults/power-run.ts'

const skip = await unlessCompilable()

for (const { eventDays, seed, what } of [
  { eventDays: 30, seed: 1, what: 'its events are kept' },
  { eventDays: 0, seed: 2, what: 'segments of events go as soon as they may' },
])
  test(`After a power cut nothing accepted is lost, and no record is false, where ${what}`, {
    skip,
  }, async () => {
    using shim = await DiskShim.compile()
    const result = await runPowerCuts(shim, {
      ...{ seed, eventDays },
      samples: 25,
      everyChange: false,
      steps: 15,
    })
    assert.ok(result.messages > 5, `${result.messages} messages`)
    assert.equal(result.disks, 25)
    assert.deepEqual(result.faults, [])
  })
