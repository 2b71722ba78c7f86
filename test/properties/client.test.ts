// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runCases } from './run.ts'
import { suites } from './suites.ts'

test('Whatever a receiver says, in whatever pieces, every recipient is decided once and the connection ends', async () => {
  const tally = suites.client.watch()
  assert.equal(await runCases(suites.client, 4_000, 1), null)
  assert.match(tally.seen, /^25 of 25$/)
})
