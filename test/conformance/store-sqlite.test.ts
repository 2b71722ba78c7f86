// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqliteStore } from '../../src/platform/sqlite/sqlite-store.ts'
import { storeConformance } from './store.ts'

storeConformance('SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'posthaste-store-'))
  return {
    open: () => openSqliteStore(join(folder, 'records.sqlite')),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  }
})
