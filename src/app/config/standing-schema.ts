// SPDX-License-Identifier: Apache-2.0
/** The keys of `[standing]`: how tenants that share a pool are judged. */
import { z } from 'zod'
import { defaultPolicy, type Threshold } from '../../queue/standing/thresholds.ts'
import { count } from './key-types.ts'

const { leastMail, thresholds } = defaultPolicy

export const standing = z.strictObject({
  least_mail: count(1, 1_000_000).default(leastMail),
  unknown: shares(thresholds.unknown),
  refused: shares(thresholds.refused),
  complained: shares(thresholds.complained),
  without_quarantine: z.enum(['hold', 'warn']).default('hold'),
})

function shares(defaults: Threshold) {
  const share = z.number().min(0).max(1)
  return z
    .strictObject({ watch: share.default(defaults.watch), bad: share.default(defaults.bad) })
    .prefault({})
}
