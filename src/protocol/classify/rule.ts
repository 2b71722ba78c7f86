// SPDX-License-Identifier: Apache-2.0
/** The form of the rules: data that says which words and codes mean what. `classifier.ts` reads them. */
import type { FailureClass } from './failure-class.ts'

/** What a reply answered: the connection itself, a command, or the content. */
export const stages = ['connect', 'ehlo', 'mail', 'rcpt', 'content'] as const

export type Stage = (typeof stages)[number]

/**
 * Words that decide. A phrase counts without regard to case, accents and the kind of space or quote, and only as whole words; a
 * `*` at its start or end lets it be a part of one. ` + ` joins pieces that must all occur, in any order. Addresses are
 * taken out of the text before, so the name of a mailbox never speaks.
 */
export interface PhraseRule {
  /** Unique, and what people see as the rule that decided. */
  readonly name: string
  readonly class: FailureClass
  readonly says: readonly string[]
  /** One of these makes the rule silent. */
  readonly unless?: readonly string[]
  /** First digit of the reply; any where absent. */
  readonly on?: 4 | 5
  /** The rule holds at these, and where the stage is not known. */
  readonly stages?: readonly Stage[]
  /** The rule holds at these providers alone; for words that mean something else elsewhere. */
  readonly providers?: readonly string[]
}

/** How much an enhanced code is worth: `decides` before words, `hints` where words decided nothing. */
export type Weight = 'decides' | 'hints'

/** Keys: `5.7.26`, or `x.7.26` for both classes. A range of details: `5.7.606-649`. */
export type EnhancedRules = Readonly<Record<string, readonly [FailureClass, Weight]>>

/**
 * A list written as text: ` | ` or the end of a line between two phrases; `{mailbox,account} {is ,}full` stands for all that
 * it can be read as.
 */
export function phrases(text: string): readonly string[] {
  const written = text
    .trim()
    .split(/\s*\||\n/)
    .map((phrase) => phrase.trim())
    .filter((phrase) => phrase !== '')
  return [...new Set(written.flatMap(readings))]
}

function readings(phrase: string): readonly string[] {
  const [whole, before = '', choices = '', after = ''] =
    /^([^{]*)\{([^}]*)\}(.*)$/.exec(phrase) ?? []
  if (whole === undefined) return [phrase]
  return choices.split(',').flatMap((choice) => readings(before + choice + after))
}
