// SPDX-License-Identifier: Apache-2.0
/** Names of types of events, for whoever selects some: a name, or a pattern with `*`. */
import { globProblem } from '../base/glob.ts'
import { nearest } from '../base/nearest.ts'
import { eventSchema } from './event.ts'

/** Of mail; what happens to us has open names below an area. */
export const mailEventTypes: readonly string[] = [
  ...new Set(
    eventSchema.options.flatMap(({ shape: { type } }) => ('value' in type ? [type.value] : [])),
  ),
]

const PATTERN = /^[a-z*]{1,40}(?:\.[a-z*-]{1,40})?$/

/** As people write them, with commas between: `bounced` is `message.bounced`. */
export function typePatternsIn(list: string): readonly string[] {
  return list
    .split(',')
    .map((type) => type.trim())
    .filter((type) => type !== '')
    .map((type) => (type.includes('.') || type.startsWith('*') ? type : `message.${type}`))
}

/** What is wrong with a name or pattern, in a sentence; `null`: nothing. */
export function typePatternProblem(text: string): string | null {
  const tooMuch = globProblem(text)
  if (tooMuch !== null) return tooMuch
  if (!PATTERN.test(text))
    return `"${text}" is no type of event: expected one such as "message.delivered" or "message.*"`
  const isOfMail = /^(?:message|report)\./.test(text)
  if (text.includes('*') || !isOfMail || mailEventTypes.includes(text)) return null
  const meant = nearest(text, mailEventTypes)
  return `there is no event "${text}"${meant === null ? '' : `; did you mean "${meant}"?`}`
}
