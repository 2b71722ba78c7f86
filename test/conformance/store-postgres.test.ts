// SPDX-License-Identifier: Apache-2.0
import { after, before, describe } from 'node:test'
import { openPostgresStore } from '../../src/platform/postgres/postgres-store.ts'
import { RunningPostgres, skipWithoutPostgres } from '../support/running-postgres.ts'
import { storeConformance } from './store.ts'
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

describe('a real PostgreSQL', { skip: skipWithoutPostgres }, () => {
  let postgres: RunningPostgres
  before(async () => {
    postgres = await RunningPostgres.start()
  })
  after(() => postgres[Symbol.asyncDispose]())

  const newPlace = async () => {
    const options = postgres.options()
    return {
      open: () => openPostgresStore(options),
      [Symbol.asyncDispose]: async () => {},
    }
  }

  storeConformance('PostgreSQL', newPlace)
  suppressionConformance('PostgreSQL', newPlace)
  answerConformance('PostgreSQL', newPlace)
  domainConformance('PostgreSQL', newPlace)
  peopleConformance('PostgreSQL', newPlace)
  campaignConformance('PostgreSQL', newPlace)
  quotaConformance('PostgreSQL', newPlace)
  standingConformance('PostgreSQL', newPlace)
  lastUseConformance('PostgreSQL', newPlace)
  webhookConformance('PostgreSQL', newPlace)
  warmUpConformance('PostgreSQL', newPlace)
  sourceConformance('PostgreSQL', newPlace)
  engagementConformance('PostgreSQL', newPlace)
})
