// SPDX-License-Identifier: Apache-2.0
/**
 * Reads the content of a message as it comes in, in any chunking: by DATA (dot-stuffed, ended by CRLF.CRLF; RFC 5321
 * §4.5.2) or by BDAT (counted by the caller; RFC 3030).
 *
 * Content with a bare CR or LF, a NUL, an overlong line or too many octets has a fault; then no more of it is handed
 * out, and reading goes on until the one true end, CRLF.CRLF. Nothing else that some program takes for an end is one
 * here, so no second message can be smuggled in with a first.
 *
 *   line-start ─▶ text ─CR─▶ cr ─LF─▶ line-start      line-start ─'.'─▶ dot ─CR─▶ dot-cr ─LF─▶ ended
 */

export type ContentFault = 'bare-line-end' | 'nul' | 'line-length' | 'size'

export interface ContentLimits {
  /** A line with its CRLF, in octets as received. */
  readonly textLineOctets: number
  /** The whole content, in octets after unstuffing. */
  readonly messageOctets: number
}

type State = 'line-start' | 'text' | 'cr' | 'dot' | 'dot-cr' | 'ended'

const NUL = 0x00
const LF = 0x0a
const CR = 0x0d
const DOT = 0x2e
const CRLF = Buffer.from('\r\n')
const NOTHING = Buffer.alloc(0)

export class ContentReader {
  /** What the last `read` found: a view of its input unless dots were removed. Empty after a fault. */
  content: Buffer = NOTHING
  /** The first thing that was wrong. */
  fault: ContentFault | null = null
  /** All content so far. */
  octets = 0
  readonly #isDotStuffed: boolean
  readonly #limits: ContentLimits
  #state: State = 'line-start'
  /** Of the line that the last `read` ended in. */
  #lineOctets = 0

  constructor(framing: 'dot-stuffed' | 'counted', limits: ContentLimits) {
    this.#isDotStuffed = framing === 'dot-stuffed'
    this.#limits = limits
  }

  /** Whether CRLF.CRLF was read; never of counted content. */
  get hasEnded(): boolean {
    return this.#state === 'ended'
  }

  /** Reads `input` from `from` to its end, or to the end of the data, and says where it stopped. */
  read(input: Buffer, from = 0): number {
    let state = this.#state
    let lineStart = from - this.#lineOctets
    let stuffedAt: number[] | null = null
    let at = from
    while (at < input.length && state !== 'ended') {
      if (state === 'text') {
        // NUL, LF and CR are all that can matter in the middle of a line.
        while (at < input.length && (input[at] as number) > CR) at++
        if (at === input.length) break
      }
      const before = state
      state = this.#next(before, input[at] as number)
      if (state === 'dot') {
        stuffedAt ??= []
        stuffedAt.push(at)
      }
      at++
      if (before === 'cr' && state === 'line-start') {
        if (at - lineStart > this.#limits.textLineOctets) this.#spoil('line-length')
        lineStart = at
      }
    }
    if (at - lineStart > this.#limits.textLineOctets) this.#spoil('line-length')
    this.#lineOctets = at - lineStart
    this.#state = state
    this.#take(input, from, at, stuffedAt)
    return at
  }

  /** Counted content is over: gives the line end that its last line lacks, without which DATA could not carry it on. */
  complete(): Buffer {
    if (this.#state === 'cr') this.#spoil('bare-line-end')
    if (this.#state === 'line-start' || this.fault !== null) return NOTHING
    this.octets += CRLF.length
    return CRLF
  }

  #next(state: State, octet: number): State {
    if (octet === LF) {
      if (state === 'cr') return 'line-start'
      if (state === 'dot-cr') return 'ended'
      this.#spoil('bare-line-end')
      return 'text'
    }
    if (state === 'cr' || state === 'dot-cr') this.#spoil('bare-line-end')
    if (octet === CR) return state === 'dot' ? 'dot-cr' : 'cr'
    if (octet === NUL) this.#spoil('nul')
    return octet === DOT && state === 'line-start' && this.#isDotStuffed ? 'dot' : 'text'
  }

  /** Sets `content` to the octets from `from` to `to` without the dots at `stuffedAt` and the mark of the end. */
  #take(input: Buffer, from: number, to: number, stuffedAt: readonly number[] | null): void {
    const last = stuffedAt?.at(-1) ?? from
    const end = this.#state === 'ended' || this.#state === 'dot-cr' ? last : to
    this.content =
      stuffedAt === null || stuffedAt[0] === end
        ? input.subarray(from, end)
        : unstuffed(input, from, end, stuffedAt)
    this.octets += this.content.length
    if (this.octets > this.#limits.messageOctets) this.#spoil('size')
    if (this.fault !== null) this.content = NOTHING
  }

  #spoil(fault: ContentFault): void {
    this.fault ??= fault
  }
}

function unstuffed(input: Buffer, from: number, to: number, dots: readonly number[]): Buffer {
  const output = Buffer.allocUnsafe(to - from)
  let length = 0
  let start = from
  for (const dot of dots) {
    length += input.copy(output, length, start, dot)
    start = dot + 1
  }
  if (start < to) length += input.copy(output, length, start, to)
  return output.subarray(0, length)
}
