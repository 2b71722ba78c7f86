// SPDX-License-Identifier: Apache-2.0
/** The multiparts that a line of a message is in, by their delimiters. RFC 2046 §5.1. */
import { contentLimits } from '../base/limits/limits.ts'

interface Multipart {
  /** `--boundary`. */
  readonly delimiter: Buffer
  readonly isDigest: boolean
}

const HYPHEN = 45
/** Of a delimiter's line. Only the end of the content may lack the line end. */
const END = /^(--)?[ \t]*(?:\r\n)?$/

export class OpenMultiparts {
  /** From the outermost. */
  readonly #open: Multipart[] = []
  /** Whether the part that was begun last is in a digest (§5.1.5). */
  isInDigest = false

  get depth(): number {
    return this.#open.length
  }

  /**
   * One that is in too many others is not taken apart. Nor is anything that comes after one whose delimiters could be those of one
   * around it: some readers ask the outermost first, some the innermost.
   */
  open({ boundary, isDigest }: { readonly boundary: string; readonly isDigest: boolean }): void {
    const delimiter = Buffer.from(`--${boundary}`)
    if (this.#open.some((outer) => areAlike(outer.delimiter, delimiter))) this.#open.length = 0
    else if (this.#open.length < contentLimits.multipartDepth)
      this.#open.push({ delimiter, isDigest })
  }

  /** Whether a line that begins at `at` may be one of theirs: cheap, and mostly `false`. */
  mayDelimit(octets: Buffer, at: number): boolean {
    return octets[at] === HYPHEN && octets[at + 1] === HYPHEN && this.#open.length > 0
  }

  /** Begins the next part of that multipart whose delimiter the line is, or closes it; all that are in it are closed. `null`: of none. */
  delimit(line: Buffer): 'next' | 'last' | null {
    for (let depth = this.#open.length - 1; depth >= 0; depth--) {
      const multipart = this.#open[depth]
      const found = multipart ? readDelimiter(line, multipart.delimiter) : null
      if (found === null) continue
      this.#open.length = found === 'last' ? depth : depth + 1
      this.isInDigest = multipart?.isDigest ?? false
      return found
    }
    return null
  }
}

/** Whether a line could be of both: that which begins a part of the one may close the other. */
function areAlike(one: Buffer, other: Buffer): boolean {
  const [short, long] = one.length < other.length ? [one, other] : [other, one]
  const rest = long.toString('latin1', short.length)
  return (rest === '' || rest === '--') && long.indexOf(short) === 0
}

/** §5.1.1: nothing but white space behind it, so that a boundary that begins with another one is not taken for it. */
function readDelimiter(line: Buffer, delimiter: Buffer): 'next' | 'last' | null {
  if (line.length < delimiter.length || delimiter.compare(line, 0, delimiter.length) !== 0)
    return null
  const rest = END.exec(line.toString('latin1', delimiter.length))
  if (rest === null) return null
  return rest[1] === undefined ? 'next' : 'last'
}
