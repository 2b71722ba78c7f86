// SPDX-License-Identifier: Apache-2.0
/**
 * Finds the line on which a key of a TOML text stands; the parser tells lines only of what it cannot parse.
 *
 * Known limits: expects text that parses. A key inside an inline table, or one value of a list, is on the line
 * where the whole begins.
 */

/** Path of a key: names, and positions in arrays of tables. */
export type KeyPath = readonly (string | number)[]

export class KeyLines {
  readonly #lines = new Map<string, number>()

  constructor(text: string) {
    const counts = new Map<string, number>()
    let table: KeyPath = []
    let open = new OpenValue()
    for (const [at, line] of text.split('\n').entries()) {
      if (open.isOpen) {
        open.read(line)
        continue
      }
      open = new OpenValue()
      const statement = line.trim()
      if (statement.startsWith('[[')) {
        const path = this.#resolve(splitKey(statement.slice(2)), counts)
        const position = counts.get(idOf(path)) ?? 0
        counts.set(idOf(path), position + 1)
        table = [...path, position]
        this.#add(table, at + 1)
      } else if (statement.startsWith('[')) {
        table = this.#resolve(splitKey(statement.slice(1)), counts)
        this.#add(table, at + 1)
      } else if (statement !== '' && !statement.startsWith('#')) {
        this.#add([...table, ...splitKey(statement)], at + 1)
        open.read(statement.slice(lengthOfKey(statement)))
      }
    }
  }

  /** From 1; `null` where the key is not written down. */
  exactLineOf(path: KeyPath): number | null {
    return this.#lines.get(idOf(path)) ?? null
  }

  /** From 1: of the key, or of the nearest table around it that is written down, or 1. */
  lineOf(path: KeyPath): number {
    for (let depth = path.length; depth > 0; depth--) {
      const line = this.#lines.get(idOf(path.slice(0, depth)))
      if (line !== undefined) return line
    }
    return 1
  }

  #add(path: KeyPath, line: number): void {
    for (let depth = 1; depth <= path.length; depth++) {
      const id = idOf(path.slice(0, depth))
      if (!this.#lines.has(id)) this.#lines.set(id, line)
    }
  }

  /** A header names the newest table of each array on its way (TOML 1.0, "Array of Tables"). */
  #resolve(names: readonly string[], counts: ReadonlyMap<string, number>): KeyPath {
    const path: (string | number)[] = []
    for (const [at, name] of names.entries()) {
      path.push(name)
      const count = counts.get(idOf(path))
      if (count !== undefined && at < names.length - 1) path.push(count - 1)
    }
    return path
  }
}

/** A value that goes on in the lines below: a list, or a string in three quotes. */
class OpenValue {
  #brackets = 0
  #quotes: '"""' | "'''" | null = null

  get isOpen(): boolean {
    return this.#brackets > 0 || this.#quotes !== null
  }

  read(line: string): void {
    let rest = line
    while (rest !== '') {
      if (this.#quotes !== null) {
        const end = rest.indexOf(this.#quotes)
        if (end === -1) return
        rest = rest.slice(end + 3)
        this.#quotes = null
        continue
      }
      const triple = /^("""|''')/.exec(rest)?.[0]
      if (triple === '"""' || triple === "'''") {
        this.#quotes = triple
        rest = rest.slice(3)
        continue
      }
      const string = /^("(\\.|[^"\\])*"|'[^']*')/.exec(rest)?.[0]
      if (string === undefined) {
        if (rest.startsWith('#')) return
        if (rest.startsWith('[') || rest.startsWith('{')) this.#brackets++
        if (rest.startsWith(']') || rest.startsWith('}')) this.#brackets--
      }
      rest = rest.slice(string?.length ?? 1)
    }
  }
}

const PART = /^\s*("(?:\\.|[^"\\])*"|'[^']*'|[\w-]+)\s*/

/** The parts of a dotted key at the start of a text. */
function splitKey(text: string): string[] {
  const parts: string[] = []
  for (let rest = text; ; ) {
    const match = PART.exec(rest)
    if (!match?.[1]) return parts
    parts.push(/^["']/.test(match[1]) ? match[1].slice(1, -1) : match[1])
    rest = rest.slice(match[0].length)
    if (!rest.startsWith('.')) return parts
    rest = rest.slice(1)
  }
}

function lengthOfKey(statement: string): number {
  let at = 0
  for (;;) {
    const match = PART.exec(statement.slice(at))
    if (!match) return at
    at += match[0].length
    if (statement[at] !== '.') return at
    at++
  }
}

function idOf(path: KeyPath): string {
  return JSON.stringify(path)
}
