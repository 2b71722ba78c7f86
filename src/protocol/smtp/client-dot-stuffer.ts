// SPDX-License-Identifier: Apache-2.0
/** Transparency for DATA, RFC 5321 §4.5.2: a dot that begins a line is doubled; a line with one dot ends the content. */

const CR = 0x0d
const LF = 0x0a
const DOT = 0x2e
const LINE_AND_DOT = Buffer.from('\r\n.')
const ONE_DOT = Buffer.from('.')
const END_AT_LINE_START = Buffer.from('.\r\n')
const END_IN_LINE = Buffer.from('\r\n.\r\n')

/** Takes content in any chunking, CRLF line ends; gives views of it with dots between. Copies nothing. */
export class DotStuffer {
  #position: 'line-start' | 'after-cr' | 'in-line' = 'line-start'

  /** Appends what `chunk` becomes to `pieces`. */
  push(chunk: Uint8Array, pieces: Uint8Array[]): void {
    if (chunk.length === 0) return
    const octets = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    let sent = 0
    const first = this.#firstDot(octets)
    if (first !== -1) {
      if (first > 0) pieces.push(octets.subarray(0, first))
      pieces.push(ONE_DOT)
      sent = first
    }
    let found = octets.indexOf(LINE_AND_DOT, sent)
    while (found !== -1) {
      pieces.push(octets.subarray(sent, found + 2), ONE_DOT)
      sent = found + 2
      found = octets.indexOf(LINE_AND_DOT, sent)
    }
    pieces.push(octets.subarray(sent))
    this.#position = this.#after(octets)
  }

  /** What ends the content; where its last line has no end it gets one. */
  end(): Uint8Array {
    return this.#position === 'line-start' ? END_AT_LINE_START : END_IN_LINE
  }

  /** Where a line begins with a dot because of how the chunk before ended, or -1. */
  #firstDot(octets: Buffer): number {
    if (this.#position === 'line-start') return octets[0] === DOT ? 0 : -1
    if (this.#position === 'after-cr') return octets[0] === LF && octets[1] === DOT ? 1 : -1
    return -1
  }

  #after(octets: Buffer): 'line-start' | 'after-cr' | 'in-line' {
    const last = octets[octets.length - 1]
    if (last === CR) return 'after-cr'
    if (last !== LF) return 'in-line'
    const isAfterCr =
      octets.length > 1 ? octets[octets.length - 2] === CR : this.#position === 'after-cr'
    return isAfterCr ? 'line-start' : 'in-line'
  }
}
