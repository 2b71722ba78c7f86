// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seconds } from '../../base/brand.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { RateWindows } from './rate-windows.ts'

test('Each key has its requests a minute, and is told what is left and until when', async () => {
  const clock = new ManualClock()
  const windows = new RateWindows(clock, 2)
  assert.equal(windows.take('a').headers['ratelimit-policy'], '"key";q=2;w=60')
  await clock.advance(seconds(20))
  assert.deepEqual(windows.take('a').headers['ratelimit'], '"key";r=0;t=40')
  const { isOver, resetSeconds } = windows.take('a')
  assert.deepEqual([isOver, resetSeconds], [true, 40])
  assert.equal(windows.take('b').isOver, false)
  await clock.advance(seconds(40))
  assert.equal(windows.take('a').headers['ratelimit'], '"key";r=1;t=60')
})
