// SPDX-License-Identifier: Apache-2.0
/** Who sent what came back, by SPF (RFC 7208), DKIM (RFC 6376) and DMARC (RFC 9989); words of RFC 8601. */
import { z } from 'zod'

export const authentication = z.object({
  /** Domain of the only author; `null` where there is none, or are several. */
  from: z.string().nullable(),
  spf: z.enum(['none', 'neutral', 'pass', 'fail', 'softfail', 'temperror', 'permerror']),
  /** Of each signature, the first five. */
  dkim: z.array(
    z.object({
      result: z.enum(['pass', 'fail', 'neutral', 'policy', 'temperror', 'permerror']),
      domain: z.string().nullable(),
    }),
  ),
  dmarc: z.enum(['pass', 'fail', 'none', 'temperror']),
  /** What the author's domain asks for where DMARC fails. */
  policy: z.enum(['none', 'quarantine', 'reject']),
})

export type Authentication = z.infer<typeof authentication>
