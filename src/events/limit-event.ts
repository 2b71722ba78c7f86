// SPDX-License-Identifier: Apache-2.0
/** What a receiver takes of us was learned from its replies: less, after a complaint, or more again. */
import { z } from 'zod'
import { head } from './event-head.ts'

export const limitEvent = z.object({
  type: z.enum(['limit.lowered', 'limit.raised']),
  ...head,
  /** Of whom the receiver complained; `null`: of a source, for all that goes from it. */
  tenant: z.string().nullable(),
  /** And of one of its campaigns alone. */
  campaign: z.string().nullable().default(null),
  source: z.string().nullable(),
  /** The site, or the provider where it is about a tenant or a campaign. */
  site: z.string(),
  /** As in a rules file. */
  limit: z.enum(['message_rate', 'connections', 'messages_per_connection']),
  /** `60/min`, `5`; `null`: the limit of the rules. */
  before: z.string().nullable(),
  after: z.string().nullable(),
  /** The complaint, in the words of the receiver; when it is raised, the last one. */
  words: z.string(),
  /** One sentence that a colleague would say. */
  text: z.string(),
})

export type LimitEvent = z.infer<typeof limitEvent>
