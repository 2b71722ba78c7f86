// SPDX-License-Identifier: Apache-2.0
/** What the gate looks at in a message, as events, replies and pages name it. */
import { z } from 'zod'

/**
 * In the order in which they are told. `domain`: From's is verified. `dkim`: a key of it signs. `return-path`: bounces come back below
 * it, and SPF passes there. `dmarc`: it has a policy. `one-click`: bulk can be ended by one click (RFC 8058). `size`, `header`:
 * large receivers take it.
 */
export const gateChecks = [
  'domain',
  'dkim',
  'return-path',
  'dmarc',
  'one-click',
  'size',
  'header',
] as const

export const gateCheck = z.enum(gateChecks)

export type GateCheck = z.infer<typeof gateCheck>
