// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sampleDomain, sampleKey } from '../../../test/support/sample-domains.ts'
import { days, type Instant, instant, plus } from '../../base/brand.ts'
import { InvariantError } from '../../base/invariant.ts'
import type { SigningKeyState } from '../records.ts'
import {
  allowedKeyStates,
  enterKeyState,
  isRotationDue,
  longestQueueAge,
  rotationStep,
  type SeenKeys,
} from './key-rotation.ts'

const NOW = instant(1_000_000)
const AGE = days(34)
const states = Object.keys(allowedKeyStates) as SigningKeyState[]
const old = sampleKey({ selector: 'old', seenAt: instant(5) })
const one = sampleKey({ selector: 'one', state: 'next' })
const two = sampleKey({ selector: 'two', state: 'next' })

function seen(sights: Readonly<Record<string, 'seen' | 'absent' | 'unknown'>>): SeenKeys {
  return new Map(
    Object.entries(sights).map(([name, sight]) => [`${name}._domainkey.example.com`, sight]),
  )
}

function stateOf(step: ReturnType<typeof rotationStep>) {
  return Object.fromEntries(step.keys.map(({ selector, state }) => [selector, state]))
}

describe('A DKIM key', () => {
  it('goes only where the table of transitions lets it', () => {
    for (const from of states)
      for (const to of states) {
        const allowed: readonly SigningKeyState[] = allowedKeyStates[from]
        const go = () => enterKeyState(sampleKey({ state: from }), to, NOW)
        if (allowed.includes(to)) assert.deepEqual(go(), sampleKey({ state: to, stateSince: NOW }))
        else assert.throws(go, InvariantError, `${from} to ${to}`)
      }
  })

  it('gives way when all of the next ones are seen, and at no other time', () => {
    for (const sight of ['absent', 'unknown'] as const) {
      const step = rotationStep([old, one, two], seen({ one: 'seen', two: sight }), NOW, AGE)
      assert.ok(!step.hasSwitched)
      assert.deepEqual(stateOf(step), { old: 'active', one: 'next', two: 'next' })
      assert.deepEqual(
        step.keys.map(({ seenAt }) => seenAt),
        [instant(5), NOW, null],
      )
    }
    const step = rotationStep([old, one, two], seen({ one: 'seen', two: 'seen' }), NOW, AGE)
    assert.ok(step.hasSwitched)
    assert.deepEqual(stateOf(step), { old: 'retiring', one: 'active', two: 'active' })
    assert.ok(step.keys.every(({ stateSince }) => stateSince === NOW))
  })

  it('is not switched to for having been seen once, but for being seen now', () => {
    const before = { ...one, seenAt: instant(7) }
    const step = rotationStep([old, before], seen({ one: 'unknown' }), NOW, AGE)
    assert.deepEqual([step.hasSwitched, step.keys[1]?.seenAt], [false, instant(7)])
    const gone = rotationStep([old, before], seen({ one: 'absent' }), NOW, AGE)
    assert.deepEqual([gone.hasSwitched, gone.keys[1]?.seenAt], [false, null])
  })

  it('that retires is kept until no mail can be on its way that it signed', () => {
    const retiring = { ...old, state: 'retiring', stateSince: NOW } as const
    const at = (now: Instant) => rotationStep([retiring, one], seen({}), now, AGE)
    assert.deepEqual(at(plus(NOW, (AGE - 1) as typeof AGE)).removed, [])
    assert.deepEqual(at(plus(NOW, AGE)).removed, [retiring])
    assert.deepEqual(stateOf(at(plus(NOW, AGE))), { one: 'next' })
  })

  it('that nothing was found out about is left as it is', () => {
    const keys = [old, one]
    assert.ok(rotationStep(keys, seen({}), NOW, AGE).keys.every((key) => keys.includes(key)))
  })

  it('may be needed for as long as mail may be put off, and the longest stream tries', () => {
    const streams = [{ expiresAfter: days(3) }, { expiresAfter: days(4) }]
    assert.equal(longestQueueAge(streams, { after: null, longestRelease: days(30) }), AGE)
  })
})

describe('A rotation by the schedule', () => {
  const verified = sampleDomain('example.com', { state: 'verified' })
  const settings = { after: days(180), longestRelease: days(30) }
  const late = plus(old.stateSince, days(180))

  it('is due when a key of a verified domain has signed for long enough', () => {
    assert.ok(isRotationDue(verified, [old], late, settings))
    assert.ok(!isRotationDue(verified, [old], plus(old.stateSince, days(179)), settings))
  })

  it('is not begun twice, nor for keys made elsewhere, nor where the domain is not verified or nobody wants it', () => {
    const asked = { ...verified, rotationAskedAt: NOW }
    const taken = { ...old, isProof: false }
    assert.ok(!isRotationDue(asked, [old, one], late, settings))
    assert.ok(!isRotationDue(verified, [taken], late, settings))
    assert.ok(!isRotationDue({ ...verified, state: 'failing' }, [old], late, settings))
    assert.ok(!isRotationDue(verified, [old], late, { ...settings, after: null }))
  })
})
