// SPDX-License-Identifier: Apache-2.0
/**
 * The mailboxes of an address list: From, Sender, Reply-To, To, Cc. RFC 5322 §3.4, RFC 6854 (groups in From), RFC 6532
 * (UTF-8); of the obsolete syntax routes, empty elements and white space around dots.
 *
 * Known limits: a display name may hold what should have been quoted (`Doe, J. <j@example.com>` gives one unreadable element
 * and one mailbox), because real mail does. Whoever relies on the list looks at all of its mailboxes.
 */
import { type Mailbox, parseMailbox } from '../mailbox.ts'

export interface AddressList {
  /** In order, those of groups too. */
  readonly mailboxes: readonly Mailbox[]
  /** Elements in which no mailbox could be read. */
  readonly unreadable: number
  /** Of them or of a group's name, what has an at sign or angle brackets: another reader may see an address there. */
  readonly doubtful: number
}

/** `value` is unfolded. Reading stops after `limit` mailboxes. */
export function parseAddressList(value: string, limit: number): AddressList {
  const mailboxes: Mailbox[] = []
  let unreadable = 0
  let doubtful = 0
  let element = new Element()
  for (let at = 0; at <= value.length && mailboxes.length < limit; ) {
    const letter = value[at] ?? ','
    const end = endOfToken(value, at)
    if (letter === ',' || letter === ';') {
      const mailbox = element.mailbox()
      if (mailbox !== null) mailboxes.push(mailbox)
      else if (!element.isEmpty) unreadable++
      if (mailbox === null && element.isLikeAddress) doubtful++
      element = new Element()
    } else if (letter === ':') {
      if (element.isLikeAddress) doubtful++
      element = new Element()
    } else if (letter === '<') element.setAngle(value.slice(at + 1, end))
    else element.plain.add(value.slice(at, end))
    at = end
  }
  return { mailboxes, unreadable, doubtful }
}

/** What one element of the list gathers until its comma. */
class Element {
  /** Outside angle brackets: a display name, or the address itself. */
  readonly plain = new Spelling()
  #angle: string | null = null
  /** Brackets twice, or never closed. */
  #isBroken = false

  get isEmpty(): boolean {
    return this.plain.text === '' && this.#angle === null
  }

  get isLikeAddress(): boolean {
    return this.plain.hasAtSign || this.#angle !== null
  }

  /** `inside` still has its closing bracket. */
  setAngle(inside: string): void {
    if (this.#angle !== null || !inside.endsWith('>')) this.#isBroken = true
    this.#angle = withoutRoute(spell(inside.slice(0, -1)))
  }

  mailbox(): Mailbox | null {
    return this.#isBroken ? null : parseMailbox(this.#angle ?? this.plain.text)
  }
}

/** Text without comments, and without the white space around dots and the at sign that RFC 5322 §4.4 allows. */
class Spelling {
  text = ''
  /** Outside quoted strings and comments. */
  hasAtSign = false
  #isSpaced = false
  #joins = true

  add(token: string): void {
    if (token.startsWith('(') || token.trim() === '') {
      this.#isSpaced = true
      return
    }
    const joins = token === '.' || token === '@'
    this.hasAtSign ||= token === '@'
    if (this.#isSpaced && !joins && !this.#joins) this.text += ' '
    this.text += token
    this.#isSpaced = false
    this.#joins = joins
  }
}

function spell(text: string): string {
  const spelling = new Spelling()
  for (let at = 0; at < text.length; ) {
    const end = endOfToken(text, at)
    spelling.add(text.slice(at, end))
    at = end
  }
  return spelling.text
}

/** RFC 5322 §4.4 `obs-route`: `@one,@two:local@domain`. */
function withoutRoute(address: string): string {
  return address.startsWith('@') ? address.slice(address.indexOf(':') + 1) : address
}

/** A quoted string, comment, domain literal or angle address as a whole, else one character. An open end goes to the end. */
function endOfToken(text: string, start: number): number {
  switch (text[start]) {
    case '"':
      return endOfQuoted(text, start, '"')
    case '[':
      return endOfQuoted(text, start, ']')
    case '(':
      return endOfComment(text, start)
    case '<':
      return endOfAngle(text, start)
    default:
      return start + 1
  }
}

function endOfQuoted(text: string, start: number, closing: string): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === closing) return at + 1
  }
  return text.length
}

/** Comments nest: counted, so that depth costs no stack. */
function endOfComment(text: string, start: number): number {
  let depth = 0
  for (let at = start; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '(') depth++
    else if (text[at] === ')' && --depth === 0) return at + 1
  }
  return text.length
}

function endOfAngle(text: string, start: number): number {
  for (let at = start + 1; at < text.length; ) {
    if (text[at] === '>') return at + 1
    at = text[at] === '<' ? at + 1 : endOfToken(text, at)
  }
  return text.length
}
