// SPDX-License-Identifier: Apache-2.0
/**
 * Whether a server has answered all that it was told, and nothing else: octets in and replies out, laid side by side by
 * somebody who knows of SMTP no more than when a client may say what (RFC 5321 §4.1, RFC 3030 §2, RFC 3207, RFC 4954).
 *
 *   command ─354─▶ content ─▶ command      command ─334─▶ login ─▶ command      BDAT: so many octets are skipped
 */
import type { Written } from './memory-socket.ts'

export interface HeardReply {
  readonly code: number
  readonly text: string
  /** How much the server had heard when it said so. */
  readonly heard: number
}

const REPLY = /(?:(\d{3})-[^\r\n]*\r\n)*(\d{3}) ([^\r\n]*)\r\n/y

/** Throws where something else than replies was said. */
export function repliesOf(written: readonly Written[]): HeardReply[] {
  return written.flatMap(({ octets, heard }) => {
    const text = octets.toString('latin1')
    const replies: HeardReply[] = []
    for (let at = 0; at < text.length; at = REPLY.lastIndex) {
      REPLY.lastIndex = at
      const found = REPLY.exec(text)
      if (found === null) throw new Error(`no reply: ${JSON.stringify(text.slice(at, at + 80))}`)
      if (found[1] !== undefined && found[1] !== found[2]) throw new Error('a reply of two codes')
      replies.push({ code: Number(found[2]), text: found[3] ?? '', heard })
    }
    return replies
  })
}

type Mode = 'command' | 'content' | 'login'

/** `heard`: all that the server listened to. What is wrong, or `null`. */
export function accountProblem(heard: Buffer, replies: readonly HeardReply[]): string | null {
  const [greeting] = replies
  if (greeting === undefined) return heard.length === 0 ? null : 'no greeting was said'
  if (greeting.code !== 220) return replies.length === 1 ? null : 'more follows a refusal'
  const account = new Account(heard)
  for (const [at, answer] of replies.entries()) {
    if (at === 0) continue
    const isLast = at === replies.length - 1
    if (isLast && isFarewell(answer)) return null
    const problem = account.take(answer)
    if (problem !== null) return `${problem} (${answer.code} ${answer.text})`
  }
  return account.isSettled ? null : `${account.mode} was not answered`
}

/** What ends the session whenever it is said. */
function isFarewell({ code, text }: HeardReply): boolean {
  return code === 221 || code === 421 || /^5\.5\.[24] (?:Line|Syntax: BDAT)/.test(text)
}

class Account {
  mode: Mode = 'command'
  readonly #heard: Buffer
  #at = 0

  constructor(heard: Buffer) {
    this.#heard = heard
  }

  /** Nothing whole waits for an answer. */
  get isSettled(): boolean {
    return this.#unit() === null
  }

  take({ code, heard }: HeardReply): string | null {
    const unit = this.#unit()
    if (unit === null || unit.end > heard) return 'a reply to nothing'
    this.#at = unit.end
    if (this.mode === 'content') this.mode = 'command'
    else if (code === 354) this.mode = 'content'
    else this.mode = code === 334 ? 'login' : 'command'
    // RFC 3207 §4.2: what was said with the command is not executed.
    if (code === 220 && unit.verb === 'STARTTLS') this.#at = heard
    return null
  }

  #unit(): { readonly end: number; readonly verb: string } | null {
    return this.mode === 'content' ? this.#content() : this.#line()
  }

  #line(): { readonly end: number; readonly verb: string } | null {
    const end = this.#heard.indexOf('\n', this.#at)
    if (end < 0) return null
    const line = this.#heard.toString('latin1', this.#at, end).trimEnd()
    const verb = line.split(' ', 1)[0]?.toUpperCase() ?? ''
    const chunk = /^BDAT (\d+)(?: +LAST)?$/i.exec(line)
    const octets = this.mode === 'login' || chunk === null ? 0 : Number(chunk[1])
    return end + 1 + octets > this.#heard.length ? null : { end: end + 1 + octets, verb }
  }

  #content(): { readonly end: number; readonly verb: string } | null {
    // The CRLF of the line DATA counts as that before a dot.
    const end = this.#heard.indexOf('\r\n.\r\n', this.#at - 2)
    return end < 0 ? null : { end: end + 5, verb: '' }
  }
}
