// SPDX-License-Identifier: Apache-2.0
/**
 * Octets from a server into replies: RFC 5321 §4.2, enhanced codes by RFC 2034. Takes any chunking, holds at most
 * `replyOctets`, and never throws: what is no reply is a fault, after which the reader says nothing else.
 *
 * More lenient than the RFC where real servers are: a bare LF ends a line; the code of the last line counts where
 * the lines of one reply differ; text may be any octets (what is no UTF-8 becomes U+FFFD).
 */
import { clientLimits } from '../../base/limits/limits.ts'
import { type Reply, reply } from '../reply.ts'

export interface ReplyLimits {
  readonly replyLineOctets: number
  readonly replyLines: number
  readonly replyOctets: number
}

/** What a peer said that is no reply; `text` is a phrase such as "a line without a reply code". */
export interface ReplyFault {
  readonly kind: 'fault'
  readonly text: string
}

const LF = 0x0a
const CR = 0x0d
const DASH = 0x2d
const SPACE = 0x20
const NOTHING = Buffer.alloc(0)

export class ReplyReader {
  readonly #limits: ReplyLimits
  /** What has come and was not read; `#at` is where reading goes on. */
  #held: Buffer = NOTHING
  #at = 0
  /** Texts of the lines of a reply whose last line has not come. */
  #lines: string[] = []
  #octets = 0
  #fault: ReplyFault | null = null

  constructor(limits: ReplyLimits = clientLimits) {
    this.#limits = limits
  }

  /** Whether no octet waits and no reply is half read. */
  get isEmpty(): boolean {
    return this.#at === this.#held.length && this.#lines.length === 0
  }

  push(chunk: Buffer): void {
    if (this.#at === this.#held.length) this.#held = chunk
    else this.#held = Buffer.concat([this.#held.subarray(this.#at), chunk])
    this.#at = 0
  }

  /** The next whole reply, or `null` until more octets come. */
  next(): Reply | ReplyFault | null {
    while (this.#fault === null) {
      const end = this.#held.indexOf(LF, this.#at)
      if (end === -1) {
        if (this.#held.length - this.#at > this.#limits.replyLineOctets)
          return this.#fail('a reply line without end')
        return null
      }
      const found = this.#line(this.#at, end)
      if (found !== null) return found
    }
    return this.#fault
  }

  /** Reads one line; a reply where it was the last of one. */
  #line(start: number, end: number): Reply | ReplyFault | null {
    this.#at = end + 1
    const octets = end - start
    if (octets > this.#limits.replyLineOctets) return this.#fail('a reply line that is too long')
    this.#octets += octets
    if (this.#octets > this.#limits.replyOctets) return this.#fail('a reply that is too long')
    const stop = octets > 0 && this.#held[end - 1] === CR ? end - 1 : end
    const code = codeAt(this.#held, start, stop)
    const mark = start + 3 < stop ? this.#held[start + 3] : SPACE
    if (code === 0 || (mark !== SPACE && mark !== DASH))
      return this.#fail('a line without a reply code')
    this.#lines.push(cleanText(this.#held, start + 4, stop))
    if (mark === SPACE) return this.#finish(code)
    if (this.#lines.length >= this.#limits.replyLines)
      return this.#fail('a reply of too many lines')
    return null
  }

  #finish(code: number): Reply {
    const lines = this.#lines
    this.#lines = []
    this.#octets = 0
    const enhanced = enhancedCodeOf(lines[0] ?? '', code)
    if (enhanced === null) return reply(code, null, lines.join('\n'))
    const texts = lines.map((line) =>
      line.startsWith(enhanced) ? line.slice(enhanced.length).trimStart() : line,
    )
    return reply(code, enhanced, texts.join('\n'))
  }

  #fail(text: string): ReplyFault {
    this.#fault = { kind: 'fault', text }
    this.#held = NOTHING
    this.#at = 0
    this.#lines = []
    return this.#fault
  }
}

export function isFault(found: Reply | ReplyFault): found is ReplyFault {
  return 'kind' in found
}

/** 200–599, or 0 where the line does not begin with a code. */
function codeAt(octets: Buffer, start: number, stop: number): number {
  if (stop - start < 3) return 0
  const hundreds = (octets[start] ?? 0) - 48
  const tens = (octets[start + 1] ?? 0) - 48
  const units = (octets[start + 2] ?? 0) - 48
  if (hundreds < 2 || hundreds > 5 || tens < 0 || tens > 9 || units < 0 || units > 9) return 0
  return hundreds * 100 + tens * 10 + units
}

/** RFC 2034 §4: counts only where its class is that of the code; there is no class 3. */
function enhancedCodeOf(line: string, code: number): string | null {
  if (line.charCodeAt(0) - 48 !== Math.floor(code / 100)) return null
  return /^[245]\.\d{1,3}\.\d{1,3}(?=\s|$)/.exec(line)?.[0] ?? null
}

const ODD = /[\p{Cc}\u2028\u2029]/gu

/** Without control characters; a tab becomes a space. */
function cleanText(octets: Buffer, start: number, stop: number): string {
  for (let at = start; at < stop; at++) {
    const octet = octets[at] ?? 0
    if (octet < 0x20 || octet > 0x7e)
      return octets.toString('utf8', start, stop).replaceAll('\t', ' ').replaceAll(ODD, '')
  }
  return start < stop ? octets.toString('latin1', start, stop) : ''
}
