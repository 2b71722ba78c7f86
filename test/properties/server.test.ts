// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runCases } from './run.ts'
import { suites } from './suites.ts'

test('Whatever a client says, in whatever pieces, it is answered once and the session ends well', async () => {
  const tally = suites.server.watch()
  assert.equal(await runCases(suites.server, 4_000, 1), null)
  assert.match(tally.seen, /^81 of 81$/)
})
