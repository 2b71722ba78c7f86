// SPDX-License-Identifier: Apache-2.0
/** Enhanced status codes (RFC 3463, RFC 5248 and what providers added) to classes. */
import type { FailureClass } from './failure-class.ts'
import type { EnhancedRules, Weight } from './rule.ts'

export interface EnhancedMeaning {
  readonly class: FailureClass
  readonly weight: Weight
  readonly code: string
}

interface Range {
  /** `5.7.` */
  readonly prefix: string
  readonly from: number
  readonly to: number
  readonly meaning: readonly [FailureClass, Weight]
}

export class EnhancedTable {
  readonly #exact = new Map<string, EnhancedMeaning>()
  readonly #ranges: Range[] = []

  constructor(rules: EnhancedRules) {
    for (const [key, meaning] of Object.entries(rules)) {
      for (const code of key.startsWith('x') ? [`4${key.slice(1)}`, `5${key.slice(1)}`] : [key])
        this.#add(code, meaning)
    }
  }

  read(code: string | null): EnhancedMeaning | null {
    if (code === null) return null
    const known = this.#exact.get(code)
    if (known) return known
    const dot = code.lastIndexOf('.') + 1
    const detail = Number(code.slice(dot))
    const range = this.#ranges.find(
      ({ prefix, from, to }) => detail >= from && detail <= to && code.startsWith(prefix),
    )
    return range ? { class: range.meaning[0], weight: range.meaning[1], code } : null
  }

  #add(code: string, meaning: readonly [FailureClass, Weight]): void {
    const [, prefix, from, to] = /^(\d\.\d\.)(\d+)-(\d+)$/.exec(code) ?? []
    if (prefix === undefined) {
      this.#exact.set(code, { class: meaning[0], weight: meaning[1], code })
      return
    }
    this.#ranges.push({ prefix, from: Number(from), to: Number(to), meaning })
  }
}

/** RFC 3463 in running text; not a part of an address or a version. */
const IN_TEXT = /(?<![\d.])[45]\.[0-7]\.\d{1,3}(?![\d.]*\d)/

export function enhancedIn(text: string): string | null {
  return IN_TEXT.exec(text)?.[0] ?? null
}
