// SPDX-License-Identifier: Apache-2.0
/** Parts of requests and answers that recur, each with its one schema. */
import { z } from 'zod'
import { instant, ms } from '../../base/brand.ts'

export type Nothing = Readonly<Record<string, never>>
export const nothing: z.ZodType<Nothing> = z.strictObject({})

/** A point in time in answers: UTC, RFC 3339 with milliseconds. */
export const timestamp = z.iso.datetime({ precision: 3 })

/** A point in time in requests: RFC 3339 with any offset. */
export const pointInTime = z.iso
  .datetime({ offset: true, error: 'expected a time such as 2027-01-31T12:00:00Z' })
  .transform((text) => instant(Date.parse(text)))

/** Milliseconds. */
export const durationMs = z.int().min(0).transform(ms)
