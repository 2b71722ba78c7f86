// SPDX-License-Identifier: Apache-2.0
/** Whose an MX host is, by the shaping rules. Several views ask it of each event, and most mail goes to few hosts. */
import { rateLimits } from '../../base/limits/rate-limits.ts'
import { RecentMap } from '../../base/recent-map.ts'
import type { ShapingRules } from '../../queue/shaping/rules.ts'
import { mxHost } from './mx-host.ts'

export class MxProviders {
  readonly #rules: () => Pick<ShapingRules, 'providerOf'>
  #known = new RecentMap<string, { readonly name: string | null }>(rateLimits.mxHosts)
  /** Those that the known ones are by: a reload brings others. */
  #by: Pick<ShapingRules, 'providerOf'> | null = null

  constructor(rules: () => Pick<ShapingRules, 'providerOf'>) {
    this.#rules = rules
  }

  /** `mx`: as events name it, `mx1.example.net[192.0.2.1]:25`; `null`: no rule's. */
  of(mx: string): string | null {
    const rules = this.#rules()
    if (rules !== this.#by) {
      this.#by = rules
      this.#known = new RecentMap(rateLimits.mxHosts)
    }
    return this.#known.ensure(mx, () => ({ name: rules.providerOf([mxHost(mx)]) })).name
  }
}
