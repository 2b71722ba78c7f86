// SPDX-License-Identifier: Apache-2.0
/** What a refusal means, as events carry it. */
import { z } from 'zod'
import type { Classification } from '../protocol/classify/classifier.ts'

/** What a refusal means, by the classes of `docs/classification.md`, and which rule said so. */
export const meaning = z.object({
  class: z.string(),
  fault: z.enum(['recipient', 'message', 'path', 'us']),
  rule: z.string(),
})

export type Meaning = z.infer<typeof meaning>

export function meaningOf({ class: name, fault, rule }: Classification): Meaning {
  return { class: name, fault, rule }
}
