// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { brakeLimits } from '../../base/limits/brake-limits.ts'
import { type Log, silentLog } from '../../base/log.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { Brakes } from '../../queue/brakes/brakes.ts'
import { keepEnds, readEnds } from './kept-ends.ts'

function place(at: number) {
  const domain = `d${at % 20}.example`
  return { site: domain, domain, recipient: `r${at}@${domain}` }
}

async function inFolder(work: (file: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ends-'))
  try {
    await work(join(folder, 'ends.json'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe('How mail ended of late', () => {
  it('is written at the end of a process, and counts in the next', () =>
    inFolder(async (file) => {
      const clock = new ManualClock()
      const brakes = new Brakes(clock, () => assert.fail('nothing is held'))
      const stop = new AbortController()
      const keeping = keepEnds(file, brakes, clock, silentLog, stop.signal)
      for (let at = 0; at < brakeLimits.least - 1; at++)
        assert.equal(brakes.ended('no-such-domain', place(at)), null)
      stop.abort()
      await keeping
      const next = new Brakes(clock, () => {})
      const history = await readEnds(file, silentLog)
      assert.ok(history)
      next.restore(history, [])
      assert.equal(next.ended('no-such-domain', place(1_000)), null)
      assert.equal(next.ended('no-such-domain', place(1_001)), 'no-such-domain')
    }))

  it('is not written where nothing ended, and begins anew where it cannot be read', () =>
    inFolder(async (file) => {
      const clock = new ManualClock()
      const warnings: string[] = []
      const log: Log = { ...silentLog, warn: (_, text) => warnings.push(text) }
      await keepEnds(file, new Brakes(clock, () => {}), clock, log, AbortSignal.abort())
      assert.throws(() => readFileSync(file), { code: 'ENOENT' })
      assert.equal(await readEnds(file, log), null)
      assert.deepEqual(warnings, [])
      for (const text of ['{', '{}', '{"writtenAt":1,"causes":[7]}']) {
        writeFileSync(file, text)
        assert.equal(await readEnds(file, log), null)
      }
      assert.equal(warnings.length, 3)
    }))
})
