// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { minutes, ms } from '../../base/brand.ts'
import { clientLimits } from '../../base/limits/limits.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { HostFlaws } from './host-flaws.ts'
import { HostRests } from './host-rests.ts'

const HOST = 'mx.example.net[192.0.2.1]:25'

test('A host that failed rests for a minute, then one attempt tries it while the others still leave it', () => {
  const clock = new ManualClock()
  const rests = new HostRests(clock)
  assert.equal(rests.isResting(HOST), false)
  rests.failed(HOST)
  clock.advance(ms(minutes(1) - 1))
  assert.equal(rests.isResting(HOST), true)
  clock.advance(ms(1))
  assert.deepEqual(
    [1, 2, 3].map(() => rests.isResting(HOST)),
    [false, true, true],
  )
  rests.worked(HOST)
  assert.equal(rests.isResting(HOST), false)
})

test('Connections that fail together are one failure, a probe that fails makes the rest longer', () => {
  const clock = new ManualClock()
  const rests = new HostRests(clock)
  for (let connection = 0; connection < 10; connection++) rests.failed(HOST)
  clock.advance(minutes(1))
  assert.equal(rests.isResting(HOST), false)
  rests.failed(HOST)
  clock.advance(ms(minutes(5) - 1))
  assert.equal(rests.isResting(HOST), true)
  clock.advance(ms(1))
  assert.equal(rests.isResting(HOST), false)
})

test('A probe that never ends does not keep the host from being tried', () => {
  const clock = new ManualClock()
  const rests = new HostRests(clock)
  rests.failed(HOST)
  clock.advance(minutes(1))
  assert.equal(rests.isResting(HOST), false)
  clock.advance(minutes(1))
  assert.equal(rests.isResting(HOST), false)
})

test('Flaws of hosts are remembered for their time, one apart from the other, and no more hosts than may be', () => {
  const clock = new ManualClock()
  const flaws = new HostFlaws(clock)
  flaws.remember('tls', HOST)
  assert.ok(flaws.has('tls', HOST))
  assert.equal(flaws.has('pipelining', HOST), false)
  clock.advance(ms(clientLimits.flawMs))
  assert.equal(flaws.has('tls', HOST), false)
  for (let at = 0; at <= clientLimits.flawedHosts; at++) flaws.remember('tls', `mx${at}`)
  assert.equal(flaws.has('tls', 'mx0'), false)
  assert.ok(flaws.has('tls', 'mx1'))
})
