// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { minutes, plus, seconds } from '../../base/brand.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import type { BrakeRecord } from '../../records/brake.ts'
import { outlasts } from './bounce-patience.ts'

const site = 'mx.example.net'

function make() {
  const clock = new ManualClock()
  const start = clock.now()
  const stop = new AbortController()
  const brakes: BrakeRecord[] = []
  const parts = {
    directory: () => ({ brakes }),
    records: { clock },
    suppressAfter: () => minutes(10),
  }
  const hold: BrakeRecord = {
    name: `no-such-mailbox@${site}`,
    state: 'holding',
    since: plus(start, minutes(5)),
    ...{ count: 51, ends: 51, spread: 51, usualShare: null },
    ...{ decidedAt: null, decidedBy: null, until: null },
  }
  let result: boolean | null = null
  const ask = (cause: string | null = 'no-such-mailbox') => {
    void outlasts(parts, { at: start, cause, site }, stop.signal).then((is) => {
      result = is
    })
  }
  const after = async (by: number) => {
    for (let at = 0; at < by * 60; at++) {
      clock.advance(seconds(1))
      await setImmediate()
    }
    return result
  }
  return { clock, start, brakes, hold, ask, after, stop }
}

describe('A bounce that would suppress', () => {
  it('waits for ten minutes, and then is believed', async () => {
    const { after, ask } = make()
    ask()
    assert.equal(await after(9), null)
    assert.equal(await after(1), true)
  })

  it('waits while a brake holds its cause, and is taken back where somebody says that it was not true', async () => {
    for (const [state, is] of [
      ['released', false],
      ['confirmed', true],
    ] as const) {
      const { after, ask, brakes, clock, hold } = make()
      ask()
      await after(5)
      brakes.push(hold)
      assert.equal(await after(60), null)
      brakes[0] = { ...hold, state, decidedAt: clock.now() }
      assert.equal(await after(1), is)
    }
  })

  it('does not wait for a brake on something else, nor is it taken back by an older one', async () => {
    const { after, ask, brakes, hold, start } = make()
    brakes.push({ ...hold, name: 'no-such-mailbox@elsewhere.example' })
    const before = plus(start, minutes(-30))
    brakes.push({ ...hold, state: 'released', since: before, decidedAt: plus(start, minutes(-1)) })
    ask()
    assert.equal(await after(10), true)
  })

  it('is not believed by whoever is told to end', async () => {
    const { after, ask, brakes, hold, stop } = make()
    brakes.push(hold)
    ask()
    await after(11)
    stop.abort()
    assert.equal(await after(1), false)
  })
})
