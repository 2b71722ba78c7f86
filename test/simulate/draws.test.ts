// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { DRAWS, draws, hostileDraws } from './draws.ts'

const FROZEN = '59a338b7a8e04e98153784bd9e8ccd7436a67f2c79122f0462a1544a62474ad5'

test('The draws are those that were frozen before anything was tuned', () => {
  assert.equal(draws().length, DRAWS)
  const hash = createHash('sha256')
    .update(JSON.stringify([draws(), hostileDraws()]))
    .digest('hex')
  assert.equal(hash, FROZEN)
})
