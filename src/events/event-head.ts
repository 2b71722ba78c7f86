// SPDX-License-Identifier: Apache-2.0
/** What every event begins with. */
import { z } from 'zod'
import type { EventId } from './ids.ts'

export const SCHEMA_VERSION = 1

/** RFC 3339, UTC, milliseconds. */
export const timestamp = z.iso.datetime({ precision: 3 })

export const head = {
  id: z.custom<EventId>((value) => typeof value === 'string'),
  schemaVersion: z.literal(SCHEMA_VERSION),
  at: timestamp,
  node: z.string(),
}
