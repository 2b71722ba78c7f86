// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { readPassword } from './password-file.ts'

test('A password is read without its line end, and only from a file that is not open to everybody', () => {
  const folder = mkdtempSync(join(tmpdir(), 'password-'))
  const file = join(folder, 'password')
  writeFileSync(file, 'correct horse\n', { mode: 0o640 })
  assert.equal(readPassword(file), 'correct horse')
  chmodSync(file, 0o644)
  assert.throws(() => readPassword(file), /open to everybody; run: chmod o= /)
  writeFileSync(file, '\n')
  chmodSync(file, 0o600)
  assert.throws(() => readPassword(file), /is empty/)
  rmSync(folder, { recursive: true })
})
