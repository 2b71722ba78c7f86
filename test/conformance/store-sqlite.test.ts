// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqliteStore } from '../../src/platform/sqlite/sqlite-store.ts'
import { type Place, storeConformance } from './store.ts'
import { answerConformance } from './store-answers.ts'
import { campaignConformance } from './store-campaigns.ts'
import { domainConformance } from './store-domains.ts'
import { engagementConformance } from './store-engagement.ts'
import { lastUseConformance } from './store-last-uses.ts'
import { peopleConformance } from './store-people.ts'
import { quotaConformance } from './store-quotas.ts'
import { sourceConformance } from './store-sources.ts'
import { standingConformance } from './store-standings.ts'
import { suppressionConformance } from './store-suppressions.ts'
import { warmUpConformance } from './store-warm-ups.ts'
import { webhookConformance } from './store-webhooks.ts'

const newPlace = async (): Promise<Place> => {
  const folder = await mkdtemp(join(tmpdir(), 'posthaste-store-'))
  return {
    open: () => openSqliteStore(join(folder, 'records.sqlite')),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  }
}

storeConformance('SQLite', newPlace)
suppressionConformance('SQLite', newPlace)
answerConformance('SQLite', newPlace)
domainConformance('SQLite', newPlace)
peopleConformance('SQLite', newPlace)
campaignConformance('SQLite', newPlace)
quotaConformance('SQLite', newPlace)
standingConformance('SQLite', newPlace)
lastUseConformance('SQLite', newPlace)
webhookConformance('SQLite', newPlace)
warmUpConformance('SQLite', newPlace)
sourceConformance('SQLite', newPlace)
engagementConformance('SQLite', newPlace)
