// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { instant, ms, plus } from '../base/brand.ts'
import { baselineLimits } from '../base/limits/baseline-limits.ts'
import { DomainSketch } from './domain-sketch.ts'

const START = instant(baselineLimits.generationMs * 700)
const generations = (count: number) => plus(START, ms(baselineLimits.generationMs * count))

test('Who was learnt is known, and of strangers nearly none', () => {
  const sketch = new DomainSketch(START)
  for (let at = 0; at < 2_700; at++) sketch.learn(`shop-${at}.example`, START)
  for (let at = 0; at < 2_700; at++) assert.ok(sketch.knows(`shop-${at}.example`, START))
  let wrong = 0
  for (let at = 0; at < 10_000; at++) if (sketch.knows(`other-${at}.example.net`, START)) wrong++
  assert.ok(wrong < 100, `${wrong} of 10000 strangers are taken for known`)
})

test('Of ten thousand domains most strangers show still', () => {
  const sketch = new DomainSketch(START)
  for (let at = 0; at < 10_000; at++) sketch.learn(`shop-${at}.example`, START)
  let wrong = 0
  for (let at = 0; at < 10_000; at++) if (sketch.knows(`other-${at}.example.net`, START)) wrong++
  assert.ok(wrong < 5_000, `${wrong} of 10000 strangers are taken for known`)
})

test('Who is written to stays known, who is not is forgotten after two generations', () => {
  const sketch = new DomainSketch(START)
  sketch.learn('kept.example', START)
  sketch.learn('left.example', START)
  assert.ok(sketch.knows('kept.example', generations(1)))
  assert.ok(sketch.knows('kept.example', generations(2)))
  assert.equal(sketch.knows('left.example', generations(2)), false)
  assert.equal(sketch.since, START)
})

test('After a long silence it learns anew', () => {
  const sketch = new DomainSketch(START)
  sketch.learn('kept.example', START)
  assert.equal(sketch.knows('kept.example', generations(5)), false)
  assert.equal(sketch.since, generations(5))
})

test('What two have learnt is known by one that is told, each for as long as before', () => {
  const one = new DomainSketch(START)
  one.learn('one.example', START)
  const other = new DomainSketch(generations(1))
  other.learn('other.example', generations(1))
  const told = new DomainSketch(generations(1))
  for (const { kept } of [one, other]) told.merge(kept, generations(1))
  assert.ok(told.knows('other.example', generations(1)))
  assert.equal(told.since, START)
  assert.equal(told.knows('one.example', generations(2)), false)
  assert.ok(told.knows('other.example', generations(2)))
  const late = new DomainSketch(generations(3))
  late.merge(one.kept, generations(3))
  assert.equal(late.since, generations(3), 'what is too old says nothing')
})
