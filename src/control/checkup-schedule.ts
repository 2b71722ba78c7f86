// SPDX-License-Identifier: Apache-2.0
/** When a sending domain is looked up again: soon while its owner may be publishing, or something has gone; else a few times a day. */
import { between, type DurationMs, type Instant, ms, plus } from '../base/brand.ts'
import { checkupPace } from '../base/limits/domain-limits.ts'
import type { Random } from '../base/random.ts'
import { type Absence, type Findings, neededKinds } from '../records/domains/domain-state.ts'
import type { SendingDomain } from '../records/records.ts'

export interface CheckupOutcome {
  readonly domain: SendingDomain
  readonly absences: readonly Absence[]
  readonly findings: Findings
}

/** Spread out, so that domains that came together are not asked about together for ever. */
export function nextCheckAt(outcome: CheckupOutcome, now: Instant, random: Random): Instant {
  const spread = 1 + checkupPace.jitter * (2 * random.fraction() - 1)
  return plus(now, ms(Math.round(waitAfter(outcome, now) * spread)))
}

function waitAfter({ domain, absences, findings }: CheckupOutcome, now: Instant): DurationMs {
  const isSilent = neededKinds.some((kind) => findings.get(kind)?.state === 'unknown')
  const waitsSince = waitingSince(domain)
  const waits = [
    ...(isSilent ? [ms(checkupPace.silentMs)] : []),
    ...(absences.length > 0 ? [ms(checkupPace.goneMs)] : []),
    ...(domain.state === 'failing' ? [ms(checkupPace.failingMs)] : []),
    ...(waitsSince === null ? [] : [waitFor(between(waitsSince, now))]),
  ]
  return ms(Math.min(...waits, waitsSince === null ? checkupPace.usuallyMs : Infinity))
}

/** Since when its owner has had something to publish. */
function waitingSince({ createdAt, rotationAskedAt, state }: SendingDomain): Instant | null {
  return rotationAskedAt ?? (state === 'pending' ? createdAt : null)
}

/** Nobody publishes what they have not published for weeks in the next minutes. */
function waitFor(age: DurationMs): DurationMs {
  const step = checkupPace.waiting.find(({ untilMs }) => age < untilMs)
  return ms(step?.everyMs ?? checkupPace.forgottenMs)
}
