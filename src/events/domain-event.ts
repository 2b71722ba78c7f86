// SPDX-License-Identifier: Apache-2.0
/** What happens to a tenant's sending domain: what the DNS says of it has changed, or its keys have. */
import { z } from 'zod'
import { head } from './event-head.ts'

const facts = {
  type: z.enum([
    'domain.verified',
    'domain.failing',
    'domain.rotating',
    'domain.rotated',
    'domain.key-retired',
  ]),
  tenant: z.string(),
  domain: z.string(),
  /** Which of its records are not in the DNS as they should be; the words of the API. */
  lacks: z.array(z.string()),
  /** One sentence, with the reason in it. */
  text: z.string(),
}

/** Before it is known when and where. */
export const domainFacts = z.object(facts)

export const domainEvent = z.object({ ...head, ...facts })

export type DomainFacts = z.infer<typeof domainFacts>
export type DomainEvent = z.infer<typeof domainEvent>
