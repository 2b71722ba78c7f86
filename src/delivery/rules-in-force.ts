// SPDX-License-Identifier: Apache-2.0
/**
 * The shaping rules with what warm-ups allow now. The same object for as long as neither has changed, since each site binds its
 * limits anew for another one.
 */
import type { ShapingRules } from '../queue/shaping/rules.ts'
import type { Directory } from '../records/directory.ts'

export class RulesInForce {
  readonly #rules: () => ShapingRules
  readonly #directory: () => Directory
  #madeOf: { readonly rules: ShapingRules; readonly warmUps: Directory['warmUps'] } | null = null
  #text = ''
  #made: ShapingRules | null = null

  constructor(rules: () => ShapingRules, directory: () => Directory) {
    this.#rules = rules
    this.#directory = directory
  }

  /** Cheap: asked in every round of every site. */
  get current(): ShapingRules {
    const rules = this.#rules()
    const { warmUps } = this.#directory()
    if (this.#made !== null && this.#madeOf?.rules === rules && this.#madeOf.warmUps === warmUps)
      return this.#made
    // The directory is made anew for any change of the records.
    const text = JSON.stringify([...warmUps.values()])
    if (this.#made === null || this.#madeOf?.rules !== rules || text !== this.#text)
      this.#made = warmUps.size === 0 ? rules : rules.withWarmUps(warmUps)
    this.#madeOf = { rules, warmUps }
    this.#text = text
    return this.#made
  }
}
