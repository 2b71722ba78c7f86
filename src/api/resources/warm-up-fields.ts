// SPDX-License-Identifier: Apache-2.0
/** A warm-up as the API shows it. */
import { z } from 'zod'
import { decisionsOf, warmUpOf } from '../../control/warm-ups/warm-up-codec.ts'
import { timestampOf } from '../../events/event.ts'
import { answersIn, DAY_MS } from '../../queue/warm-up/signals.ts'
import type { WarmUpRules } from '../../queue/warm-up/warm-up-rules.ts'
import { type WarmUpRecord, warmUpStates } from '../../records/warm-up.ts'
import { timestamp } from '../http/fields.ts'

export const warmUp = z.object({
  source: z.string(),
  provider: z.string(),
  schedule: z.string(),
  state: z.enum(warmUpStates),
  why: z.string().nullable().meta({ description: 'Why it holds or is paused.' }),
  pausedUntil: timestamp
    .nullable()
    .meta({ description: 'null: until somebody resumes it, or it is not paused.' }),
  allowance: z.int().nullable().meta({
    description: 'Messages a day, as of now. 0: nothing goes. null: as many as there are.',
  }),
  stage: z.int().meta({ description: 'Of the schedule, from 1.' }),
  stages: z.int(),
  lastDecision: z.string().nullable(),
  startedAt: timestamp,
  changedAt: timestamp,
})

export const details = warmUp.extend({
  days: z.array(
    z.object({
      day: z.iso.date(),
      allowance: z.int().nullable(),
      sent: z.int(),
      delivered: z.int(),
      deferred: z.int(),
      refused: z.int(),
      bounced: z.int(),
      returned: z.int(),
      complained: z.int(),
    }),
  ),
  decisions: z.array(z.object({ at: timestamp, kind: z.string(), text: z.string() })),
})

export type WarmUpAnswer = z.output<typeof warmUp>
export type WarmUpDetails = z.output<typeof details>

export function viewOf(record: WarmUpRecord, rules: WarmUpRules): WarmUpAnswer {
  const { allowance, position, schedule, state } = warmUpOf(record, rules)
  return {
    source: record.source,
    provider: record.provider,
    schedule: schedule.name,
    state: state.kind,
    why: 'reason' in state ? state.reason : null,
    pausedUntil: state.kind === 'paused' && state.until !== null ? timestampOf(state.until) : null,
    allowance,
    stage: Math.min(position.stage + 1, schedule.allowances.length),
    stages: schedule.allowances.length,
    lastDecision: decisionsOf(record).at(-1)?.text ?? null,
    startedAt: timestampOf(record.startedAt),
    changedAt: timestampOf(record.changedAt),
  }
}

export function detailsOf(record: WarmUpRecord, rules: WarmUpRules): WarmUpDetails {
  const warmUp = warmUpOf(record, rules)
  const { day: today, history } = warmUp.position
  const whole = [...history, { day: today, allowance: warmUp.allowance }]
  return {
    ...viewOf(record, rules),
    days: whole.map(({ allowance, day }) => {
      const counts = warmUp.signals.day(day)
      const { bounced, complained, deferred, delivered, refused, returned } = counts
      const date = new Date(day * DAY_MS).toISOString().slice(0, 10)
      const sent = answersIn(counts)
      const taken = { delivered, deferred, refused, bounced }
      return { day: date, allowance, sent, ...taken, returned, complained }
    }),
    decisions: decisionsOf(record).map(({ at, kind, text }) => ({
      at: timestampOf(at),
      kind,
      text,
    })),
  }
}
