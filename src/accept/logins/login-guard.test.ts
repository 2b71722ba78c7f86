// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hours, ms } from '../../base/brand.ts'
import { loginLimits } from '../../base/limits/limits.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import type { CredentialId } from '../../records/records.ts'
import { type Guesser, LoginGuard } from './login-guard.ts'

const { freeFailures, failureMs, longestWaitMs } = loginLimits

function guesser(network: string, credential: string | null = 'A'): Guesser {
  return { network, credential: credential as CredentialId | null }
}

function fail(guard: LoginGuard, who: Guesser, times: number): boolean[] {
  return Array.from({ length: times }, () => guard.failed(who))
}

test('some wrong secrets are free; each further one waits longer, and beyond that nobody is heard', () => {
  const guard = new LoginGuard(new ManualClock())
  const who = guesser('192.0.2.1')
  const waits: (number | null)[] = []
  for (let at = 0; at < freeFailures + 8; at++) {
    waits.push(guard.wait(who))
    guard.failed(who)
  }
  const most = longestWaitMs / failureMs
  assert.deepEqual(waits.slice(0, freeFailures), Array(freeFailures).fill(0))
  assert.deepEqual(
    waits.slice(freeFailures, freeFailures + most),
    Array.from({ length: most }, (_, at) => (at + 1) * failureMs),
  )
  assert.equal(waits.at(-1), null)
})

test('a network is slowed for all credentials, and a credential for all networks', () => {
  const guard = new LoginGuard(new ManualClock())
  fail(guard, guesser('192.0.2.1', 'A'), freeFailures)
  assert.equal(guard.wait(guesser('192.0.2.1', 'B')), failureMs)
  assert.equal(guard.wait(guesser('192.0.2.1', null)), failureMs)
  assert.equal(guard.wait(guesser('192.0.2.2', 'A')), failureMs)
  assert.equal(guard.wait(guesser('192.0.2.2', 'B')), 0)
})

test('who got in before waits for nobody, until they fail themselves', () => {
  const guard = new LoginGuard(new ManualClock())
  const shop = guesser('192.0.2.1', 'SHOP')
  guard.succeeded(shop)
  fail(guard, guesser('192.0.2.1', 'X'), 100)
  fail(guard, guesser('192.0.2.9', 'SHOP'), 100)
  assert.equal(guard.wait(shop), 0)
  assert.equal(guard.wait(guesser('192.0.2.1', 'X')), null)
  guard.failed(shop)
  assert.equal(guard.wait(shop), null)
})

test('getting in with one credential forgives no guess at another', () => {
  const guard = new LoginGuard(new ManualClock())
  fail(guard, guesser('192.0.2.1', 'A'), freeFailures)
  guard.succeeded(guesser('192.0.2.1', 'MINE'))
  assert.equal(guard.wait(guesser('192.0.2.1', 'A')), failureMs)
})

test('time forgives, and whoever goes on guessing gets one guess in a while', () => {
  const clock = new ManualClock()
  const guard = new LoginGuard(clock)
  const who = guesser('192.0.2.1')
  let heard = 0
  for (let at = 0; at < 3_600; at++) {
    if (guard.wait(who) !== null) {
      guard.failed(who)
      heard++
    }
    clock.advance(ms(1_000))
  }
  const most = freeFailures + longestWaitMs / failureMs + hours(1) / failureMs
  assert.ok(heard <= most, `${heard} guesses in an hour, at most ${most}`)
  clock.advance(hours(1))
  assert.equal(guard.wait(who), 0)
})

test('the moment at which somebody begins to wait is told once', () => {
  const guard = new LoginGuard(new ManualClock())
  const told = fail(guard, guesser('192.0.2.1'), freeFailures + 5)
  assert.deepEqual(told.map((isTold, at) => (isTold ? at + 1 : 0)).filter(Boolean), [freeFailures])
})

test('however many guess, a bounded number is remembered', () => {
  const guard = new LoginGuard(new ManualClock())
  const first = guesser('first', null)
  fail(guard, first, freeFailures)
  for (let at = 0; at < loginLimits.remembered; at++) guard.failed(guesser(`n${at}`, null))
  assert.equal(guard.wait(first), 0)
})
