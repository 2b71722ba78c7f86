// SPDX-License-Identifier: Apache-2.0
/** A warm-up as a record keeps it, and back. */
import type { Instant } from '../../base/brand.ts'
import { warmUpLimits } from '../../base/limits/warm-up-limits.ts'
import type { WarmUpSchedule } from '../../queue/warm-up/schedule.ts'
import type { SignalsSnapshot } from '../../queue/warm-up/signals.ts'
import { WarmUp } from '../../queue/warm-up/warm-up.ts'
import { DEFAULT_SCHEDULE, type WarmUpRules } from '../../queue/warm-up/warm-up-rules.ts'
import type { Decision, WarmUpPosition } from '../../queue/warm-up/warm-up-state.ts'
import type { WarmUpRecord } from '../../records/warm-up.ts'

export function warmUpOf(record: WarmUpRecord, rules: WarmUpRules): WarmUp {
  const { provider, source } = record
  const position = JSON.parse(record.position) as WarmUpPosition
  const signals = JSON.parse(record.signals) as SignalsSnapshot
  const schedule = scheduleOf(record.schedule, rules)
  return WarmUp.restore({ source, provider }, schedule, rules.policy, position, signals)
}

export function decisionsOf({ decisions }: WarmUpRecord): readonly Decision[] {
  return JSON.parse(decisions) as Decision[]
}

/** `before`: what was kept of it; `null`: it begins. */
export function recordOf(
  warmUp: WarmUp,
  before: WarmUpRecord | null,
  decisions: readonly Decision[],
  now: Instant,
): WarmUpRecord {
  const kept = before === null ? [] : decisionsOf(before)
  return {
    ...warmUp.place,
    schedule: warmUp.schedule.name,
    state: warmUp.state.kind,
    allowance: warmUp.allowance,
    position: JSON.stringify(warmUp.position),
    decisions: JSON.stringify([...kept, ...decisions].slice(-warmUpLimits.decisions)),
    signals: JSON.stringify(warmUp.signals.snapshot()),
    startedAt: before?.startedAt ?? now,
    changedAt: now,
  }
}

/** One that an operator has taken away goes on by the default. */
function scheduleOf(name: string, { schedules }: WarmUpRules): WarmUpSchedule {
  const found = schedules.get(name) ?? schedules.get(DEFAULT_SCHEDULE)
  if (found === undefined) throw new RangeError(`there is no schedule ${DEFAULT_SCHEDULE}`)
  return found
}
