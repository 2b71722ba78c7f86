// SPDX-License-Identifier: Apache-2.0
/**
 * Brings the file of records to the version of this program: forward only, all steps in one transaction, after a copy of
 * the file as it was. The version is SQLite's `user_version`: the number of the last step that was applied.
 */
import { closeSync, openSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { RelayError } from '../../base/errors.ts'
import { records } from './migrations/0001-records.ts'
import { streamPolicies } from './migrations/0002-stream-policies.ts'
import { apiKeys } from './migrations/0003-api-keys.ts'
import { streamFromDomains } from './migrations/0004-stream-from-domains.ts'
import { suppressions } from './migrations/0005-suppressions.ts'
import { views } from './migrations/0006-views.ts'
import { firstAnswers } from './migrations/0007-first-answers.ts'
import { domainStates } from './migrations/0008-domain-states.ts'
import { sandboxes } from './migrations/0009-sandboxes.ts'
import { people } from './migrations/0010-people.ts'
import { streamGates } from './migrations/0011-stream-gates.ts'
import { streamFeedback } from './migrations/0012-stream-feedback.ts'
import { webhooks } from './migrations/0013-webhooks.ts'
import { brakes } from './migrations/0014-brakes.ts'
import { fullMailboxes } from './migrations/0015-full-mailboxes.ts'
import { lessons } from './migrations/0016-lessons.ts'
import { rates } from './migrations/0017-rates.ts'
import { warmUps } from './migrations/0018-warm-ups.ts'
import { quotas } from './migrations/0019-quotas.ts'
import { disabledCredentials } from './migrations/0020-disabled-credentials.ts'
import { streamTracking } from './migrations/0021-stream-tracking.ts'
import { answerOwners } from './migrations/0022-answer-owners.ts'
import { standings } from './migrations/0023-standings.ts'
import { coldStreams } from './migrations/0024-cold-streams.ts'
import { campaigns } from './migrations/0025-campaigns.ts'
import { sources } from './migrations/0026-sources.ts'
import { sourceCheckups } from './migrations/0027-source-checkups.ts'
import { engagement } from './migrations/0028-engagement.ts'
import { lastUses } from './migrations/0029-last-uses.ts'
import { campaignSpread } from './migrations/0030-campaign-spread.ts'
import { streamRetention } from './migrations/0031-stream-retention.ts'
import { changeCount } from './migrations/0032-change-count.ts'
import { campaignWishes } from './migrations/0033-campaign-wishes.ts'

/** In order; the first is version 1. Released steps never change. */
export const migrations: readonly string[] = [
  records,
  streamPolicies,
  apiKeys,
  streamFromDomains,
  suppressions,
  views,
  firstAnswers,
  domainStates,
  sandboxes,
  people,
  streamGates,
  streamFeedback,
  webhooks,
  brakes,
  fullMailboxes,
  lessons,
  rates,
  warmUps,
  quotas,
  disabledCredentials,
  streamTracking,
  answerOwners,
  standings,
  coldStreams,
  campaigns,
  sources,
  sourceCheckups,
  engagement,
  lastUses,
  campaignSpread,
  streamRetention,
  changeCount,
  campaignWishes,
]

/** Other processes that open the file at the same moment wait, and find it done. */
export function migrate(
  database: DatabaseSync,
  file: string,
  steps: readonly string[] = migrations,
): void {
  if (versionOf(database, file, steps) === steps.length) return
  database.exec('begin immediate')
  try {
    const version = versionOf(database, file, steps)
    if (version > 0 && version < steps.length) copy(file, copyName(file, version))
    for (const step of steps.slice(version)) database.exec(step)
    database.exec(`pragma user_version = ${steps.length}`)
    database.exec('commit')
  } catch (thrown) {
    // A full disk, a step that fails: the file stays as it was.
    if (database.isTransaction) database.exec('rollback')
    throw thrown
  }
}

/** Where the file goes before it is migrated away from `version`. */
export function copyName(file: string, version: number): string {
  return `${file}.version-${version}`
}

function versionOf(database: DatabaseSync, file: string, steps: readonly string[]): number {
  const version = Number(database.prepare('pragma user_version').get()?.['user_version'])
  if (version > steps.length)
    throw new RelayError(
      'RLY_DATA_DIR_NEWER',
      `${file} was written by a newer Posthaste (records version ${version}, this program knows ${steps.length}); start the newer program, or put back the copy that it made: ${copyName(file, steps.length)}`,
    )
  return version
}

/** By a second connection, which sees what was last committed while the first one holds the lock. */
function copy(file: string, target: string): void {
  rmSync(target, { force: true })
  // SQLite keeps the permissions of a file that is there and empty.
  closeSync(openSync(target, 'wx', 0o600))
  const reader = new DatabaseSync(file)
  try {
    reader.prepare('vacuum into ?').run(target)
  } finally {
    reader.close()
  }
}
