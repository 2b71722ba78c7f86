// SPDX-License-Identifier: Apache-2.0
/**
 * What a model provider is made of: parameters, each with its range. A file (TOML or JSON) may give any of them; what it leaves out
 * is the middle of the road. `docs/warmup.md` says what each does.
 */
import { readFileSync } from 'node:fs'
import { parse } from 'smol-toml'
import { z } from 'zod'

const share = z.number().min(0).max(1)
const positive = z.number().positive()
const cost = z.number().min(0).max(10)

const hostile = z.strictObject({
  /** From 1; at `hour` of it, with fractions. */
  day: z.number().int().min(1),
  hour: z.number().min(0).max(24),
  hours: positive,
  /** Refuses at MAIL for good, or puts everything off. */
  kind: z.enum(['refuse', 'defer']),
})

export const providerParameters = z.strictObject({
  /** Messages a day that it takes of anybody. */
  floor: positive.default(1_000),
  /** Takes so many times the volume that it is accustomed to. */
  growth: positive.default(3.5),
  /** How long it takes to get accustomed, days. */
  memory_days: positive.default(2),
  /** 0 to 1. A newcomer is in the middle, or below. */
  start_reputation: share.default(0.5),
  /** Share that is put off where the load is twice what it takes. */
  throttle_slope: positive.default(1),
  /** Load from which on it blocks, in parts of what it takes. */
  block_load: z.number().min(1).default(2.5),
  block_reputation: share.default(0.12),
  block_hours: positive.default(24),
  /** What each costs in reputation, a day, at twice what is accepted. */
  block_cost: cost.default(0.15),
  spike_cost: cost.default(0.15),
  complaint_cost: cost.default(0.03),
  bounce_cost: cost.default(0.02),
  misconfiguration_cost: cost.default(0.1),
  /** What engagement of 20 % is worth, a day. */
  engagement_gain: cost.default(0.03),
  /** How much of the way to the middle it goes by itself, a day. */
  recovery: share.default(0.02),
  /** Reputation at which half of the mail goes to the spam folder, and how sharp that is. */
  inbox_at: share.default(0.25),
  inbox_steepness: positive.default(15),
  /** First attempts that are greylisted; attempts that fail for no reason of ours. */
  greylist: share.default(0.01),
  trouble: share.default(0.003),
  /** Complaints that come back as reports, and after how many hours most have. */
  feedback: share.default(0.8),
  feedback_hours: positive.default(12),
  /** Whether somebody knows what went to the spam folder (seeds, a postmaster's page). */
  placement_known: z.boolean().default(false),
  hostile: hostile.nullable().default(null),
})

export const audienceParameters = z.strictObject({
  /** Of those whose mail comes to the inbox: who opens or clicks, who calls it spam. */
  engaged: share.default(0.2),
  complaints: share.default(0.0005),
  bad_addresses: share.default(0.006),
  /** 0: all recipients are alike. 1: the best are twice as engaged as the mean, and hardly complain; the worst the other way round. */
  spread: share.default(0.8),
  /** SPF, DKIM, DMARC or the reverse DNS are wrong. */
  misconfigured: z.boolean().default(false),
})

export const modelSchema = z.strictObject({
  name: z.string().default('unnamed'),
  provider: providerParameters.prefault({}),
  audience: audienceParameters.prefault({}),
})

export type Model = z.output<typeof modelSchema>
export type ProviderParameters = Model['provider']
export type Audience = Model['audience']

/** Throws with what is wrong. */
export function readModel(file: string): Model {
  const text = readFileSync(file, 'utf8')
  const raw: unknown = file.endsWith('.json') ? JSON.parse(text) : parse(text)
  return modelOf(raw, file)
}

export function modelOf(raw: unknown, where: string): Model {
  const parsed = modelSchema.safeParse(raw)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map(({ message, path }) => `${path.join('.')}: ${message}`)
  throw new Error(`${where}: ${problems.join('; ')}`)
}
