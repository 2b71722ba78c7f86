// SPDX-License-Identifier: Apache-2.0
/**
 * Fuzzes one target: batches of mutated inputs; a batch that reaches blocks which none reached before is halved until
 * the inputs are found that did, and these are mutated on. An input that throws, or takes longer than `HANG_MS`, is a finding.
 */
import { SeededRandom } from '../../src/base/random.ts'
import type { BlockCoverage } from './block-coverage.ts'
import { Mutator } from './mutator.ts'
import type { FuzzTarget } from './targets.ts'

const BATCH = 300
/** Of CPU: a process that has to wait for its turn, or is stopped, does not hang. */
const HANG_MS = 3_000
/** One target that is broken throughout says so often enough. */
const FINDINGS_MOST = 5

export interface Finding {
  readonly input: Buffer
  readonly why: string
}

export interface FuzzResult {
  readonly executions: number
  readonly blocks: number
  /** The fewest inputs found that reach all of them, the short ones first. */
  readonly corpus: readonly Buffer[]
  readonly findings: readonly Finding[]
}

export class FuzzRun {
  readonly #target: FuzzTarget
  readonly #coverage: BlockCoverage
  readonly #seen = new Set<string>()
  readonly #corpus: Buffer[] = []
  readonly #findings = new Map<string, Finding>()
  #executions = 0

  constructor(target: FuzzTarget, coverage: BlockCoverage) {
    this.#target = target
    this.#coverage = coverage
  }

  run(inputs: readonly Buffer[], seconds: number, seed: number): FuzzResult {
    const mutator = new Mutator(new SeededRandom(seed), this.#target.tokens)
    const end = performance.now() + seconds * 1_000
    this.#coverage.take()
    this.#sift(inputs)
    while (performance.now() < end && this.#findings.size < FINDINGS_MOST) {
      const base = this.#corpus.length === 0 ? inputs : this.#corpus
      this.#sift(Array.from({ length: BATCH }, () => mutator.next(base)))
    }
    return {
      executions: this.#executions,
      blocks: this.#seen.size,
      corpus: this.#fewest(),
      findings: [...this.#findings.values()],
    }
  }

  /** Those that reach something new join the corpus. */
  #sift(inputs: readonly Buffer[]): void {
    for (const input of inputs) this.#execute(input)
    const fresh = [...this.#coverage.take()].filter((block) => !this.#seen.has(block))
    if (fresh.length === 0) return
    if (inputs.length > 1) {
      this.#sift(inputs.slice(0, inputs.length >> 1))
      this.#sift(inputs.slice(inputs.length >> 1))
      return
    }
    for (const block of fresh) this.#seen.add(block)
    this.#corpus.push(...inputs)
  }

  #execute(input: Buffer): void {
    this.#executions++
    const began = process.threadCpuUsage()
    try {
      this.#target.run(input)
    } catch (thrown) {
      this.#found(input, String(thrown))
    }
    const { user, system } = process.threadCpuUsage(began)
    if (user + system > HANG_MS * 1_000)
      this.#found(input, `it took more than ${HANG_MS} ms of CPU`)
  }

  /** One a message: the same fault has many inputs. */
  #found(input: Buffer, why: string): void {
    const [headline = ''] = why.split('\n')
    if (!this.#findings.has(headline))
      this.#findings.set(headline, { input: this.#shortened(input), why: headline })
  }

  /** Without what it needs not to throw. */
  #shortened(input: Buffer): Buffer {
    let shortest = input
    for (let length = input.length >> 1; length > 0; length >>= 1)
      for (let at = 0; at + length <= shortest.length; ) {
        const less = Buffer.concat([shortest.subarray(0, at), shortest.subarray(at + length)])
        if (this.#throws(less)) shortest = less
        else at += length
      }
    return shortest
  }

  #throws(input: Buffer): boolean {
    try {
      this.#target.run(input)
      return false
    } catch {
      return true
    }
  }

  #fewest(): readonly Buffer[] {
    const reached = new Set<string>()
    return this.#corpus
      .toSorted((one, other) => one.length - other.length)
      .filter((input) => {
        this.#execute(input)
        const fresh = [...this.#coverage.take()].filter((block) => !reached.has(block))
        for (const block of fresh) reached.add(block)
        return fresh.length > 0
      })
  }
}
