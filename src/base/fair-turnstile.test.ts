// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { FairTurnstile } from './fair-turnstile.ts'

function rig(capacity: number) {
  const turnstile = new FairTurnstile(capacity)
  const inside: { readonly name: string; readonly end: () => void }[] = []
  return {
    inside: (wanted: string) => inside.filter(({ name }) => name === wanted).length,
    come: (name: string, count: number) => {
      const work = () => new Promise<void>((end) => void inside.push({ name, end }))
      for (let at = 0; at < count; at++) void turnstile.pass(name, work)
    },
    end: (wanted: string) => {
      const at = inside.findIndex(({ name }) => name === wanted)
      inside.splice(at, 1)[0]?.end()
    },
    settle: () => new Promise((resolve) => setImmediate(resolve)),
  }
}

test('One who asks alone gets half, so that the next who comes waits for nobody', async () => {
  const { inside, come, settle } = rig(100)
  come('busy', 10_000)
  await settle()
  assert.equal(inside('busy'), 50)
  come('quiet', 20)
  await settle()
  assert.equal(inside('quiet'), 20)
})

test('When all is taken, the next place goes to who has the least inside', async () => {
  const { inside, come, end, settle } = rig(4)
  for (const name of ['a', 'b', 'c']) come(name, 10)
  await settle()
  assert.deepEqual([inside('a'), inside('b'), inside('c')], [2, 1, 1])
  come('d', 1)
  await settle()
  assert.equal(inside('d'), 0)
  end('a')
  await settle()
  assert.equal(inside('d'), 1)
})

test('Whoever comes and goes, the bound holds and everybody gets through', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 8 }),
      fc.array(fc.nat({ max: 5 }), { maxLength: 60 }),
      async (capacity, names) => {
        const turnstile = new FairTurnstile(capacity)
        let inside = 0
        let passed = 0
        await Promise.all(
          names.map((name) =>
            turnstile.pass(`${name}`, async () => {
              assert.ok(++inside <= capacity)
              await new Promise((resolve) => setImmediate(resolve))
              inside--
              passed++
            }),
          ),
        )
        assert.equal(passed, names.length)
      },
    ),
    { numRuns: 50 },
  )
})
