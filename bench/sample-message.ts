// SPDX-License-Identifier: Apache-2.0
/** A plausible marketing message of an exact size; each copy has a Message-ID and a recipient of its own. */
import { SeededRandom } from '../src/base/random.ts'

const WORDS =
  'spring offer member order season linen kitchen garden lamp walnut weekend basket studio natural morning family table shelf blanket return'.split(
    ' ',
  )
const BOUNDARY = '=_alternative_7c1f'
const TAIL = `</table></body></html>\r\n--${BOUNDARY}--\r\n`
/** Eight digits: where the number of the copy goes. */
const BLANK = '########'
const END_OF_DATA = '\r\n.\r\n'
/** What `<!-- ` and ` -->` with CRLF take. */
const COMMENT_OCTETS = 11
const LONGEST_COMMENT = 70

export class SampleMessage {
  readonly #template: Buffer
  readonly #blanks: readonly number[] = []

  /** `octets` of content, at least 2,000. */
  constructor(octets: number) {
    const content = contentOf(octets)
    // The last CRLF of the content is the first of the end of data.
    this.#template = Buffer.from(content.slice(0, -2) + END_OF_DATA)
    const blanks: number[] = []
    for (let at = content.indexOf(BLANK); at !== -1; at = content.indexOf(BLANK, at + 1))
      blanks.push(at)
    this.#blanks = blanks
  }

  /** As it follows DATA, with the end of data. No line begins with a dot. */
  copy(number: number): Buffer {
    const copy = Buffer.from(this.#template)
    const digits = String(number).padStart(BLANK.length, '0')
    for (const at of this.#blanks) copy.write(digits, at, 'latin1')
    return copy
  }
}

/** The number in a Message-ID that `copy` made; -1 where there is none. */
export function numberOf(content: Buffer): number {
  const at = content.indexOf('Message-ID: <bench.')
  if (at === -1) return -1
  const digits = content.toString('latin1', at + 19, at + 19 + BLANK.length)
  return /^\d+$/.test(digits) ? Number(digits) : -1
}

function contentOf(octets: number): string {
  const random = new SeededRandom(octets)
  const words = (count: number): string =>
    Array.from({ length: count }, () => WORDS[Math.floor(random.fraction() * WORDS.length)]).join(
      ' ',
    )
  let text = `From: Juniper & Oak <news@sender.example>\r
To: Customer ${BLANK} <user${BLANK}@receiver.example>\r
Subject: Your spring preview is here: members save 20% this weekend\r
Date: Tue, 14 Oct 2025 09:30:00 +0000\r
Message-ID: <bench.${BLANK}@sender.example>\r
MIME-Version: 1.0\r
List-Unsubscribe: <https://news.sender.example/u/${BLANK}>\r
List-Unsubscribe-Post: List-Unsubscribe=One-Click\r
Content-Type: multipart/alternative; boundary="${BOUNDARY}"\r
\r
--${BOUNDARY}\r
Content-Type: text/plain; charset=utf-8\r
\r
`
  while (text.length < octets * 0.3) text += `${words(9)}.\r\n${words(8)}.\r\n\r\n`
  text += `--${BOUNDARY}\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><body><table>\r\n`
  while (text.length + TAIL.length < octets - 260)
    text += `<tr><td><a href="https://news.sender.example/c/${words(1)}">${words(3)}</a></td>\r\n<td>${words(6)}</td></tr>\r\n`
  return text + filling(octets - text.length - TAIL.length) + TAIL
}

/** Comment lines of so many octets in all. */
function filling(octets: number): string {
  let text = ''
  while (text.length < octets) {
    const left = octets - text.length
    const line = left <= LONGEST_COMMENT + COMMENT_OCTETS ? left : LONGEST_COMMENT
    text += `<!-- ${'x'.repeat(Math.max(0, line - COMMENT_OCTETS))} -->\r\n`.slice(-line)
  }
  return text
}
