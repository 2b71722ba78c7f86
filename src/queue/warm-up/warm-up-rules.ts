// SPDX-License-Identifier: Apache-2.0
/** What warm-ups go by: schedules and thresholds, as an operator has set them. */
import type { WarmUpSchedule } from './schedule.ts'
import type { WarmUpPolicy } from './thresholds.ts'

export interface WarmUpRules {
  /** By name. */
  readonly schedules: ReadonlyMap<string, WarmUpSchedule>
  readonly policy: WarmUpPolicy
}

/** The one that is taken where none is named. */
export const DEFAULT_SCHEDULE = 'posthaste'
