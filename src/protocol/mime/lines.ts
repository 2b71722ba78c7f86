// SPDX-License-Identifier: Apache-2.0
/** Lines of a text, and those that are longer than one may have: 998 octets without CRLF, RFC 5322 §2.1.1, RFC 5321 §4.5.3.1.6. */

export const LONGEST_LINE = 998
/** With CRLF. */
const LONGEST_WHOLE = LONGEST_LINE + 2
const CR = 13
const LF = 10

/** Each with its line end; the last one may lack it. */
export function* linesOf(octets: Buffer): Iterable<Buffer> {
  for (let at = 0; at < octets.length; ) {
    const end = octets.indexOf(LF, at) + 1 || octets.length
    yield octets.subarray(at, end)
    at = end
  }
}

/** A line without its CRLF, if it has one. */
export function textOf(line: Buffer): Buffer {
  return line.at(-2) === CR && line.at(-1) === LF ? line.subarray(0, -2) : line
}

/** `line`: with its CRLF, if it has one. */
export function isLongLine(line: Uint8Array): boolean {
  if (line.length <= LONGEST_LINE) return false
  return line.length > (line.at(-1) === LF ? LONGEST_WHOLE : LONGEST_LINE)
}

/** How many octets whole lines take, from the first on, before one that is long or has no end. Reads a few octets of every thousand. */
export function shortLines(octets: Buffer): number {
  for (let at = 0; ; ) {
    const end = octets.subarray(at, at + LONGEST_WHOLE).lastIndexOf(LF)
    if (end === -1) return at
    at += end + 1
  }
}

/** Looks for long lines in passing, as cheaply. */
export class LongLineScan {
  /** Octets of the line that the last chunk left open. */
  #open = 0
  #hasFound = false

  /** Whether one has gone by, the open line included. */
  get hasFound(): boolean {
    return this.#hasFound || this.#open > LONGEST_LINE
  }

  update(octets: Uint8Array): void {
    const chunk = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength)
    for (let at = 0; at < chunk.length && !this.#hasFound; ) {
      const room = LONGEST_WHOLE - this.#open
      const end = chunk.subarray(at, at + room).lastIndexOf(LF)
      if (end === -1) {
        if (chunk.length - at >= room) this.#hasFound = true
        else this.#open += chunk.length - at
        return
      }
      at += end + 1
      this.#open = 0
    }
  }
}
