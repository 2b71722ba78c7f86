// SPDX-License-Identifier: Apache-2.0
/**
 * Removes records that count no more anyway: suppressions that have expired, what imports that never ended have left, old answers, ended
 * sessions, and what is older in the audit log than it is kept.
 */
import { type DurationMs, hours, type Instant } from '../base/brand.ts'
import { messageOf } from '../base/errors.ts'
import { auditLimits } from '../base/limits/login-limits.ts'
import { quotaLimits } from '../base/limits/quota-limits.ts'
import { rateLimits } from '../base/limits/rate-limits.ts'
import { suppressionLimits } from '../base/limits/record-limits.ts'
import { standingLimits } from '../base/limits/standing-limits.ts'
import type { Log } from '../base/log.ts'
import { keptFor } from '../records/first-answers.ts'
import type { RecordsContext } from '../records/records-context.ts'
import { removeDeadImports } from '../records/suppressions/suppression-import.ts'
import type { PersonSessions } from './people/person-sessions.ts'

const EVERY = hours(1)

export interface UpkeepParts {
  readonly records: RecordsContext
  readonly sessions: PersonSessions
  readonly keepsAuditFor: () => DurationMs
}

export async function keepUpRecords(
  { records, sessions, keepsAuditFor }: UpkeepParts,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await records.clock.sleep(EVERY, signal)
    if (signal.aborted) return
    try {
      await removeExpired(records)
      await removeDeadImports(records)
      await sessions.removeOld()
      const today = Math.floor(records.clock.now() / rateLimits.dayMs)
      await records.store.rates.removeOlder(today - rateLimits.keptDays)
      await removeOldAudit(records, keepsAuditFor())
      const oldest = (records.clock.now() - quotaLimits.keptMs) as Instant
      await records.store.quotaUsage.removeOlder(oldest)
      const thisHour = Math.floor(records.clock.now() / standingLimits.hourMs)
      await records.store.standingHours.removeOlder(thisHour - standingLimits.longHours)
      await records.store.firstAnswers.removeOlder((records.clock.now() - keptFor) as Instant)
    } catch (thrown) {
      // A store that is away now is asked again in an hour.
      log.warn({ error: messageOf(thrown) }, 'records that have expired could not be removed')
    }
  }
}

async function removeExpired({ clock, store }: RecordsContext): Promise<void> {
  const most = suppressionLimits.removeTogether
  while ((await store.suppressions.remove({ expiredBy: clock.now() }, most)) === most);
}

async function removeOldAudit({ clock, store }: RecordsContext, kept: DurationMs): Promise<void> {
  const most = auditLimits.removeTogether
  const oldest = (clock.now() - kept) as Instant
  while ((await store.audit.removeOlder(oldest, most)) === most);
}
