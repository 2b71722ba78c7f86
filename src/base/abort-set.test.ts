// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AbortSet } from './abort-set.ts'

test('an abort calls everybody once, but who left before', () => {
  const set = new AbortSet()
  const called: string[] = []
  const leaving = () => void called.push('who left')
  set.add(() => called.push('one'))
  set.add(leaving)
  set.add(() => called.push('other'))
  set.delete(leaving)
  set.abort()
  set.abort()
  assert.deepEqual(called, ['one', 'other'])
})

test('who comes after the abort is called at once', () => {
  const set = new AbortSet()
  set.abort()
  let isCalled = false
  set.add(() => {
    isCalled = true
  })
  assert.ok(isCalled)
  assert.ok(set.isAborted)
})

test('a listener that takes another away spares it', () => {
  const set = new AbortSet()
  const called: string[] = []
  const other = () => void called.push('other')
  set.add(() => {
    called.push('one')
    set.delete(other)
  })
  set.add(other)
  set.abort()
  assert.deepEqual(called, ['one'])
})
