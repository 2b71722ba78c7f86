// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Turnstile } from './turnstile.ts'

test('no more than the bound are inside at once, and all have their turn in order', async () => {
  const turnstile = new Turnstile(3, 100)
  let inside = 0
  let most = 0
  const order: number[] = []
  const passages = Array.from({ length: 20 }, (_, at) =>
    turnstile.pass(async () => {
      most = Math.max(most, ++inside)
      order.push(at)
      await Promise.resolve()
      inside--
      return at
    }),
  )
  const expected = Array.from({ length: 20 }, (_, at) => at)
  assert.deepEqual(await Promise.all(passages), expected)
  assert.deepEqual(order, expected)
  assert.equal(most, 3)
})

test('who finds the line full is turned away at once', async () => {
  const turnstile = new Turnstile(1, 1)
  const gate = Promise.withResolvers<string>()
  const first = turnstile.pass(() => gate.promise)
  const second = turnstile.pass(async () => 'second')
  assert.equal(await turnstile.pass(async () => 'third'), null)
  gate.resolve('first')
  assert.deepEqual(await Promise.all([first, second]), ['first', 'second'])
})

test('who fails inside still leaves', async () => {
  const turnstile = new Turnstile(1, 1)
  await assert.rejects(turnstile.pass(() => Promise.reject(new Error('inside'))))
  assert.equal(await turnstile.pass(async () => 'next'), 'next')
})

test('who leaves early lets the next in, once, and goes on', async () => {
  const turnstile = new Turnstile(1, 9)
  const gate = Promise.withResolvers<void>()
  const inside: number[] = []
  const work = (at: number) =>
    turnstile.pass(async (leave) => {
      inside.push(at)
      if (at > 0) return gate.promise
      leave()
      leave()
      await gate.promise
    })
  const passages = [work(0), work(1), work(2)]
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(inside, [0, 1])
  gate.resolve()
  await Promise.all(passages)
  assert.deepEqual(inside, [0, 1, 2])
})
