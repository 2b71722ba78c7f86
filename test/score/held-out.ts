// SPDX-License-Identifier: Apache-2.0
/**
 * What the rules would be had we never seen one provider's replies: every phrase that only those speak for is taken away. A phrase that
 * no sample holds stays, for it was not learnt from them; so do the codes of RFC 3463 and its registry.
 */
import { Classifier, type RuleSet } from '../../src/protocol/classify/classifier.ts'
import { replyInText } from '../../src/protocol/classify/reply-in-text.ts'
import type { PhraseRule } from '../../src/protocol/classify/rule.ts'
import type { Sample } from './samples.ts'

export class HeldOut {
  readonly #rules: RuleSet
  /** By rule and phrase: in whose samples it holds. */
  readonly #speaksIn = new Map<string, Set<string>>()

  constructor(rules: RuleSet, samples: readonly Sample[]) {
    this.#rules = rules
    const all = new Classifier(rules)
    for (const { text, group } of samples)
      for (const { rule, says } of all.wordsThatHold(replyInText(text))) {
        const groups = this.#speaksIn.get(`${rule} ${says}`) ?? new Set()
        this.#speaksIn.set(`${rule} ${says}`, groups.add(group))
      }
  }

  /** All that only this group speaks for. */
  without(group: string): Classifier {
    const { provider, ...rest } = this.#withoutWords(group)
    return new Classifier({ ...rest, provider: this.#kept(provider, group) })
  }

  /** The codes that providers document themselves stay: those were not learnt from samples. */
  withoutWords(group: string): Classifier {
    return new Classifier(this.#withoutWords(group))
  }

  #withoutWords(group: string): RuleSet {
    return { ...this.#rules, words: this.#kept(this.#rules.words, group) }
  }

  #kept(rules: readonly PhraseRule[], group: string): readonly PhraseRule[] {
    return rules.map((rule) => ({
      ...rule,
      says: rule.says.filter((says) => !this.#isOnlyOf(group, `${rule.name} ${says}`)),
    }))
  }

  #isOnlyOf(group: string, phrase: string): boolean {
    const groups = this.#speaksIn.get(phrase)
    return groups !== undefined && groups.size === 1 && groups.has(group)
  }
}
