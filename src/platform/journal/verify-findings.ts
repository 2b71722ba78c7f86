// SPDX-License-Identifier: Apache-2.0
/** What is wrong in a data directory: the first are named, all are counted, so that no damage is too large to be told. */
import { verifyLimits } from '../../base/limits/limits.ts'

/** What is wrong with which part. */
export interface Problem {
  readonly kind: 'segment' | 'record' | 'content' | 'index' | 'store'
  /** Within the data directory. */
  readonly file: string
  /** Octets into the file; `null` where it is about the whole. */
  readonly offset: number | null
  readonly what: string
}

export class Findings {
  readonly #named: Problem[] = []
  #count = 0

  add(kind: Problem['kind'], file: string, what: string, offset: number | null = null): void {
    this.#count++
    if (this.#named.length < verifyLimits.namedProblems)
      this.#named.push({ kind, file, offset, what })
  }

  /** The first of them. */
  get named(): readonly Problem[] {
    return this.#named
  }

  /** All of them. */
  get count(): number {
    return this.#count
  }
}
