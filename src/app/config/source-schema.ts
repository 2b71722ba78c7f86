// SPDX-License-Identifier: Apache-2.0
/** The tables of the configuration that say where mail goes out, and how that is watched. */
import { z } from 'zod'
import { hours, minutes } from '../../base/brand.ts'
import { globProblem } from '../../base/glob.ts'
import { labelLimits } from '../../base/limits/label-limits.ts'
import { patternLimits } from '../../base/limits/pattern-limits.ts'
import { sourceFlaws } from '../../records/source-checkup.ts'
import {
  count,
  domainPattern,
  duration,
  filePath,
  hostName,
  ipAddress,
  LONGEST_LIST,
  listenAddress,
  slug,
  stringKey,
} from './key-types.ts'

const proxy = z.strictObject({
  protocol: z.enum(['socks5', 'proxy-v1', 'proxy-v2']),
  address: listenAddress,
  user: z.string().min(1).max(255).nullable().default(null),
  password_file: filePath.nullable().default(null),
})

export const source = z.strictObject({
  name: slug,
  address: ipAddress.nullable().default(null),
  public_address: ipAddress.nullable().default(null),
  ehlo: hostName.nullable().default(null),
  proxy: proxy.nullable().default(null),
})

const names = z.array(slug).max(LONGEST_LIST).default([])

export const pool = z.strictObject({
  name: slug,
  source: z
    .array(z.strictObject({ name: slug, weight: count(1, 1_000).default(1) }))
    .min(1)
    .max(LONGEST_LIST),
  overflow: slug.nullable().default(null),
  quarantine: slug.nullable().default(null),
  tenant: names,
})

const campaignPattern = stringKey(
  `a campaign of at most ${labelLimits.campaignCharacters} characters, or a pattern such as "spring*" with at most ${patternLimits.wildcards} wildcards (*)`,
  (text) =>
    text !== '' && text.length <= labelLimits.campaignCharacters && globProblem(text) === null
      ? text
      : null,
)

export const poolRule = z.strictObject({
  pool: slug,
  tenant: names,
  stream: names,
  campaign: z.array(campaignPattern).max(LONGEST_LIST).default([]),
  domain: z.array(domainPattern).max(LONGEST_LIST).default([]),
  provider: names,
})

export const blocklist = z.strictObject({ name: slug, zone: hostName })

export const sourceChecks = z.strictObject({
  every: duration(minutes(10)).default(hours(1)),
  rest_on: z.array(z.enum(sourceFlaws)).default([]),
})

/** Those that anybody may ask a few times a day, without asking first: see docs/sources.md for terms. */
export const openBlocklists = [
  { name: 'spamcop', zone: 'bl.spamcop.net' },
  { name: 'psbl', zone: 'psbl.surriel.com' },
]
