// SPDX-License-Identifier: Apache-2.0
/** What a refusal means, as events carry it. */
import type { Classification } from '../protocol/classify/classifier.ts'
import type { Meaning } from './event.ts'

export function meaningOf({ class: name, fault, rule }: Classification): Meaning {
  return { class: name, fault, rule }
}
