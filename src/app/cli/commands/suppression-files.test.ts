// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { describe, it } from 'node:test'
import { ApiClient } from '../../../api/client/api-client.ts'
import { problemWith } from '../../../api/http/problem.ts'
import { Terminal } from '../terminal.ts'
import { FileImport } from './suppression-files.ts'

/** An import of one line at a relay whose answers to these operations are failures; what went wrong, and what else was said. */
async function failing(failures: Readonly<Record<string, string>>, isJson = false) {
  const folder = mkdtempSync(join(tmpdir(), 'posthaste-import-'))
  const errors = new PassThrough()
  const asked: string[] = []
  const api = new ApiClient(async ({ route }) => {
    asked.push(route.id)
    const failure = failures[route.id]
    if (failure !== undefined)
      return { status: 503, body: JSON.stringify(problemWith('RLY_BUSY', failure)) }
    const body = { id: 'IMPORT', added: 1, known: 0, bad: 0, badLines: [] }
    return { status: route.status, body: JSON.stringify(body) }
  })
  try {
    const file = join(folder, 'list.csv')
    writeFileSync(file, 'ann@example.net\n')
    const terminal = new Terminal(new PassThrough(), errors, isJson)
    const options = { reason: 'manual', address: true } as const
    const thrown = await new FileImport(api, terminal, options).run(file).then(
      () => null,
      (error: Error) => error.message,
    )
    return { thrown, asked, said: String(errors.read() ?? '') }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe('An import that fails', () => {
  it('says why, and is given up', async () => {
    const { asked, said, thrown } = await failing({ 'suppressions.importPart': 'the disk is full' })
    assert.equal(thrown, 'the disk is full')
    assert.equal(said, '')
    assert.equal(asked.at(-1), 'suppressions.abandonImport')
  })

  it('says first why it failed where it cannot be given up either, and where to look', async () => {
    const both = {
      'suppressions.finishImport': 'the connection was lost',
      'suppressions.abandonImport': 'nobody answers',
    }
    const { said, thrown } = await failing(both)
    assert.equal(thrown, 'the connection was lost')
    assert.match(said, /^The import IMPORT could not be given up either: nobody answers\. /)
    assert.match(said, /posthaste suppression list --import IMPORT/)
    const asJson = await failing(both, true)
    assert.deepEqual([asJson.thrown, asJson.said], ['the connection was lost', ''])
  })
})
