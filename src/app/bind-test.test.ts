// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findingOf, tryAddress } from './bind-test.ts'

test('An address of this machine is found to be one, and another is not', async () => {
  assert.deepEqual(await tryAddress('127.0.0.1'), { state: 'ok', why: null })
  assert.deepEqual(await tryAddress('192.0.2.77'), {
    state: 'wrong',
    why: '192.0.2.77 is not on this machine: no interface has it',
  })
})

test('What fails for another reason says nothing of the address', () => {
  for (const code of ['EMFILE', 'ENFILE', 'EACCES', 'ENOBUFS']) {
    const error = Object.assign(new Error(`listen ${code}`), { code })
    const { state, why } = findingOf('192.0.2.25', error)
    assert.deepEqual([state, why], ['unknown', `192.0.2.25 could not be tried: listen ${code}`])
  }
})
