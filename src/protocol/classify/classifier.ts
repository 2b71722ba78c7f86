// SPDX-License-Identifier: Apache-2.0
/**
 * Reads a refusal by rules, in the order of how sure they are: a provider's own code, an enhanced code that says enough, words,
 * an enhanced code that only hints, and last the bare reply code with the stage of the dialog.
 *
 * One exception, since a wrong suppression costs most: where an enhanced code would suppress and the words speak of anything but
 * the recipient, the words win (`550 5.1.1 … has sent too many`).
 */

import { EnhancedTable, enhancedIn } from './enhanced-table.ts'
import {
  type Action,
  type CoarseClass,
  type FailureClass,
  type Fault,
  factsOf,
} from './failure-class.ts'
import { PhraseMatcher } from './phrase-matcher.ts'
import type { EnhancedRules, PhraseRule, Stage } from './rule.ts'
import { withoutAddresses } from './without-addresses.ts'

export interface Refusal {
  /** 400–599; `null` where only words are known. */
  readonly code: number | null
  /** RFC 3463; where `null`, one in the text counts. */
  readonly enhanced: string | null
  readonly text: string
  /** Name of the provider as in the rules of shaping, where it is known. */
  readonly provider: string | null
  readonly stage: Stage | null
}

export interface Classification {
  readonly class: FailureClass
  readonly coarse: CoarseClass
  readonly fault: Fault
  /** The same message to the same recipient will fail the same way whatever we wait for. */
  readonly isPermanent: boolean
  readonly action: Action
  /** Which rule decided: `provider yahoo-mailbox-disabled`, `code 5.7.26`, `words mailbox-full`, `reply 550 at rcpt`. */
  readonly rule: string
}

export interface RuleSet {
  /** Codes and words that one provider made up. */
  readonly provider: readonly PhraseRule[]
  readonly enhanced: EnhancedRules
  readonly words: readonly PhraseRule[]
}

interface Alternative {
  readonly rule: PhraseRule
  readonly says: string
  readonly isProvider: boolean
  readonly pieces: readonly number[]
  readonly vetoes: readonly number[]
}

/** Not sharable between threads; within one it keeps nothing of a text. */
export class Classifier {
  readonly #alternatives: readonly Alternative[]
  readonly #matcher: PhraseMatcher
  readonly #enhanced: EnhancedTable
  /** By phrase: alternatives whose first piece it is. */
  readonly #openedBy: readonly (readonly number[])[]
  /** By phrase: the number of the scan that found it last. */
  readonly #seenIn: Uint32Array
  #scan = 0
  readonly #candidates: number[] = []
  readonly #note = (phrase: number) => {
    if (this.#seenIn[phrase] === this.#scan) return
    this.#seenIn[phrase] = this.#scan
    const opened = this.#openedBy[phrase]
    if (opened) for (const alternative of opened) this.#candidates.push(alternative)
  }

  constructor({ provider, enhanced, words }: RuleSet) {
    const phrases = new Map<string, number>()
    const numberOf = (phrase: string) => {
      const known = phrases.get(phrase) ?? phrases.size
      phrases.set(phrase, known)
      return known
    }
    const alternativesOf = (rule: PhraseRule, isProvider: boolean) =>
      rule.says.map((says) => ({
        rule,
        says,
        isProvider,
        pieces: says.split(' + ').map(numberOf),
        vetoes: (rule.unless ?? []).map(numberOf),
      }))
    this.#alternatives = [
      ...provider.flatMap((rule) => alternativesOf(rule, true)),
      ...words.flatMap((rule) => alternativesOf(rule, false)),
    ]
    const openedBy: number[][] = Array.from(phrases, () => [])
    for (const [at, { pieces }] of this.#alternatives.entries()) openedBy[pieces[0] ?? 0]?.push(at)
    this.#openedBy = openedBy
    this.#matcher = new PhraseMatcher([...phrases.keys()])
    this.#seenIn = new Uint32Array(phrases.size)
    this.#enhanced = new EnhancedTable(enhanced)
  }

  classify(refusal: Refusal): Classification {
    const text = withoutAddresses(refusal.text)
    const code = refusal.code ?? codeOfEnhanced(refusal.enhanced)
    const spoken = this.#firstThatHolds(text, code, refusal)
    const conclude = (name: FailureClass, rule: string) =>
      conclusion(atStage(name, refusal.stage), code, rule)
    if (spoken?.isProvider) return conclude(spoken.rule.class, `provider ${spoken.rule.name}`)
    const enhanced = this.#enhanced.read(refusal.enhanced ?? enhancedIn(text))
    if (enhanced?.weight === 'decides' && !contradicts(spoken, enhanced.class))
      return conclude(enhanced.class, `code ${enhanced.code}`)
    if (spoken) return conclude(spoken.rule.class, `words ${spoken.rule.name}`)
    if (enhanced) return conclude(enhanced.class, `code ${enhanced.code}`)
    return conclude(classOfReply(code, refusal.stage), bareRule(code, refusal.stage))
  }

  /** All words that hold, in the order of the rules; the first decides where words do. For looking at the rules themselves. */
  wordsThatHold(refusal: Refusal): readonly { readonly rule: string; readonly says: string }[] {
    const code = refusal.code ?? codeOfEnhanced(refusal.enhanced)
    this.#look(withoutAddresses(refusal.text))
    return this.#candidates
      .filter((at) => this.#holds(at, code, refusal))
      .toSorted((a, b) => a - b)
      .flatMap((at) => this.#alternatives[at] ?? [])
      .map(({ rule, says }) => ({ rule: rule.name, says }))
  }

  /** The first rule in the order of the set, of those whose words all occur. */
  #firstThatHolds(text: string, code: number | null, refusal: Refusal): Alternative | null {
    this.#look(text)
    let first = this.#alternatives.length
    for (const candidate of this.#candidates)
      if (candidate < first && this.#holds(candidate, code, refusal)) first = candidate
    return this.#alternatives[first] ?? null
  }

  #look(text: string): void {
    this.#scan = (this.#scan + 1) >>> 0
    this.#candidates.length = 0
    this.#matcher.scan(text, this.#note)
  }

  #holds(at: number, code: number | null, { provider, stage }: Refusal): boolean {
    const alternative = this.#alternatives[at]
    if (!alternative) return false
    const { rule, pieces, vetoes } = alternative
    if (rule.on !== undefined && (code === null || Math.floor(code / 100) !== rule.on)) return false
    if (rule.providers && (provider === null || !rule.providers.includes(provider))) return false
    if (rule.stages && stage !== null && !rule.stages.includes(stage)) return false
    return (
      pieces.every((piece) => this.#isSeen(piece)) && !vetoes.some((veto) => this.#isSeen(veto))
    )
  }

  #isSeen(phrase: number): boolean {
    return this.#seenIn[phrase] === this.#scan
  }
}

/** Before RCPT nobody has heard of the recipient: words like "does not exist" are about the sender, or the source. */
function atStage(name: FailureClass, stage: Stage | null): FailureClass {
  if (factsOf(name).whenFinal !== 'suppress') return name
  if (stage === 'mail') return 'sender-refused'
  return stage === 'connect' || stage === 'ehlo' ? 'source-refused' : name
}

function bareRule(code: number | null, stage: Stage | null): string {
  return `reply ${code ?? 'without code'}${stage === null ? '' : ` at ${stage}`}`
}

/** Nothing was said that we know. Who was refused at RCPT is the recipient; before it, the path or the sender. */

function classOfReply(code: number | null, stage: Stage | null): FailureClass {
  if (code === null) return 'unknown'
  // RFC 5321 §4.2.2 and §4.2.3; RFC 3207, 4954, 7504.
  if (code === 421 || code === 451) return 'receiver-trouble'
  if (code === 452) return 'receiver-trouble'
  if (code === 530 || code === 534 || code === 535 || code === 538) return 'login-required'
  if (code === 556) return 'accepts-no-mail'
  if (code >= 500 && code <= 504) return 'protocol-error'
  if (code === 521 && stage !== 'rcpt') return 'source-refused'
  if (code < 500) return stage === 'rcpt' || stage === null ? 'unknown' : 'receiver-trouble'
  switch (stage) {
    case 'connect':
    case 'ehlo':
      return 'source-refused'
    case 'mail':
      return 'sender-refused'
    case 'rcpt':
      return 'recipient-refused'
    case 'content':
      return 'policy'
    case null:
      return 'unknown'
  }
}

/** Words of policy, of the path or of the message against a code that would take the recipient off a list. */
function contradicts(spoken: Alternative | null, byCode: FailureClass): boolean {
  if (spoken === null) return false
  return (
    factsOf(byCode).whenFinal === 'suppress' && factsOf(spoken.rule.class).whenFinal !== 'suppress'
  )
}

function conclusion(name: FailureClass, code: number | null, rule: string): Classification {
  const { coarse, fault, permanence, whenFinal, whenTransient } = factsOf(name)
  const isPermanent =
    permanence === 'final' || (permanence === 'as-replied' && !(code !== null && code < 500))
  const action = isPermanent ? whenFinal : whenTransient
  return { class: name, coarse, fault, isPermanent, action, rule }
}

/** Where no reply is known, the class of the code says whether it is final: 4 as 450, 5 as 550. */
function codeOfEnhanced(enhanced: string | null): number | null {
  if (enhanced?.startsWith('4')) return 450
  return enhanced?.startsWith('5') ? 550 : null
}
