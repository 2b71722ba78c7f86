// SPDX-License-Identifier: Apache-2.0
/**
 * Patterns in which `*` stands for any characters, also none. Patterns come from requests, records and files, so no regular expression
 * is made of them: an expression with several `.*` tries every way to share a name out among them, which blocks the process for
 * minutes. Here each literal part is taken where it occurs first, which is never wrong, and found by Knuth, Morris and Pratt: a match
 * costs at most twice the length of the name, whatever the pattern.
 */
import { RelayError } from './errors.ts'
import { patternLimits } from './limits/pattern-limits.ts'

const SHOWN_CHARACTERS = 60

export class Glob {
  readonly text: string
  readonly #prefix: string
  readonly #middle: readonly Part[]
  readonly #suffix: string
  readonly #isPlain: boolean

  /** `parse` checks the bounds first. */
  private constructor(text: string) {
    const parts = text.split('*')
    this.text = text
    this.#isPlain = parts.length === 1
    this.#prefix = parts[0] ?? ''
    this.#suffix = parts.at(-1) ?? ''
    this.#middle = parts
      .slice(1, -1)
      .filter((part) => part !== '')
      .map(partOf)
  }

  /** A text says what is wrong with the pattern. */
  static parse(text: string): Glob | string {
    const { characters, wildcards } = patternLimits
    if (text.length > characters)
      return `the pattern "${text.slice(0, SHOWN_CHARACTERS)}…" has ${text.length} characters; use at most ${characters}`
    const stars = text.split('*').length - 1
    if (stars > wildcards) {
      const shown = text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text
      return `the pattern "${shown}" has ${stars} wildcards (*); use at most ${wildcards}`
    }
    return new Glob(text)
  }

  matches(name: string): boolean {
    if (this.#isPlain) return name === this.text
    const end = name.length - this.#suffix.length
    let at = this.#prefix.length
    if (at > end || !name.startsWith(this.#prefix) || !name.endsWith(this.#suffix)) return false
    for (const part of this.#middle) {
      at = endOf(part, name, at, end)
      if (at === -1) return false
    }
    return true
  }
}

/** For patterns that were checked where they came in, and for those of a command; throws `RLY_USAGE`. */
export function globOf(text: string): Glob {
  const glob = Glob.parse(text)
  if (typeof glob === 'string') throw new RelayError('RLY_USAGE', glob)
  return glob
}

/** What is wrong with a pattern, in a sentence; `null`: nothing. */
export function globProblem(text: string): string | null {
  const glob = Glob.parse(text)
  return typeof glob === 'string' ? glob : null
}

/** Whether a name fits one of several patterns. */
export function anyGlob(globs: readonly Glob[], name: string): boolean {
  return globs.some((glob) => glob.matches(name))
}

interface Part {
  readonly text: string
  /** For each length of a beginning, the longest shorter beginning that it ends with. */
  readonly borders: Uint16Array
}

function partOf(text: string): Part {
  const borders = new Uint16Array(text.length + 1)
  for (let at = 1, matched = 0; at < text.length; at++) {
    while (matched > 0 && text[at] !== text[matched]) matched = borders[matched] ?? 0
    if (text[at] === text[matched]) matched++
    borders[at + 1] = matched
  }
  return { text, borders }
}

/** After the first occurrence that lies within `from` and `to`; -1: there is none. */
function endOf({ text, borders }: Part, name: string, from: number, to: number): number {
  let matched = 0
  for (let at = from; at < to; at++) {
    while (matched > 0 && name[at] !== text[matched]) matched = borders[matched] ?? 0
    if (name[at] === text[matched]) matched++
    if (matched === text.length) return at + 1
  }
  return -1
}
