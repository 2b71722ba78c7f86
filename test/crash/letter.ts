// SPDX-License-Identifier: Apache-2.0
/**
 * The messages of the crash test. Each is unique, says by itself who should get it and what its body hashes to, and
 * each recipient's address is used once: whoever sees an address knows the message.
 */
import { createHash } from 'node:crypto'
import type { Random } from '../../src/base/random.ts'

export const SENDER_DOMAIN = 'sender.example'
export const SENDER = `crash@${SENDER_DOMAIN}`

/** Shares transactions, and owes reports about failures. */
export const RECEIPTS = 'receipts'
/** One recipient a transaction, and no reports. */
export const CAMPAIGN = 'campaign'

export interface Letter {
  readonly number: number
  readonly recipients: readonly string[]
  /** As it is handed in: CRLF line ends, nothing stuffed, latin1. */
  readonly content: string
  /** Comes by BDAT in two chunks, not by DATA. */
  readonly isChunked: boolean
}

/** What a receiver finds out from a letter alone. */
export interface ReadLetter {
  readonly number: number
  readonly isIntact: boolean
}

const DOMAINS = ['one.example', 'two.example', 'three.example', 'four.example', 'five.example']
/** What receivers do, by local-part (see the sink), and how often of a hundred. */
const FATES: readonly (readonly [name: string, percent: number])[] = [
  ['unknown', 6],
  ['greylist', 14],
  ['ok', 80],
]
const CHUNKED_PERCENT = 10
/** Octets of bodies, and how often of a hundred; above 256 KiB content has a file of its own. */
const SIZES: readonly (readonly [least: number, most: number, percent: number])[] = [
  [264_000, 400_000, 6],
  [16_000, 128_000, 14],
  [1_024, 16_000, 80],
]
const LINE_OCTETS = 64
const LINES = 6_400
/** Every so many lines one begins with a dot. */
const DOTTED = 7

/** Makes letters from seeded chance, numbered from 1. */
export class LetterWriter {
  readonly #random: Random
  readonly #text: string
  #written = 0

  constructor(random: Random) {
    this.#random = random
    this.#text = Array.from({ length: LINES }, (_, at) => this.#line(at)).join('')
  }

  next(): Letter {
    const number = ++this.#written
    const recipients = Array.from({ length: 1 + this.#below(3) }, (_, index) => {
      const [fate] = this.#pick(FATES, ([, percent]) => percent)
      return `${fate}+${number}.${index}@${DOMAINS[this.#below(DOMAINS.length)]}`
    })
    const [least, most] = this.#pick(SIZES, ([, , percent]) => percent)
    const body = this.#body(least + this.#below(most - least))
    const content = `From: Crash <${SENDER}>\r
To: ${recipients.join(',\r\n ')}\r
Subject: Letter ${number}\r
Message-ID: <${number}@${SENDER_DOMAIN}>\r
X-Body-Hash: ${hashOf(number, body)}\r
\r
${body}`
    return { number, recipients, content, isChunked: this.#below(100) < CHUNKED_PERCENT }
  }

  #body(octets: number): string {
    const lines = Math.ceil(octets / LINE_OCTETS)
    const from = this.#below(LINES - lines)
    return this.#text.slice(from * LINE_OCTETS, (from + lines) * LINE_OCTETS)
  }

  #line(at: number): string {
    const letters = this.#random.bytes(LINE_OCTETS / 2 - 1).toString('hex')
    return `${at % DOTTED === 0 ? `.${letters.slice(1)}` : letters}\r\n`
  }

  #below(bound: number): number {
    return Math.floor(this.#random.fraction() * bound)
  }

  #pick<T>(choices: readonly T[], percentOf: (choice: T) => number): T {
    let drawn = this.#below(100)
    for (const choice of choices) {
      drawn -= percentOf(choice)
      if (drawn < 0) return choice
    }
    throw new RangeError('shares of a hundred add up to less')
  }
}

/** `null` where it is none of ours. */
export function readLetter(content: Buffer): ReadLetter | null {
  const headerEnd = content.indexOf('\r\n\r\n')
  const header = content.toString('latin1', 0, headerEnd + 2)
  const number = /^Message-ID: <(\d+)@/m.exec(header)?.[1]
  if (headerEnd === -1 || number === undefined) return null
  const hash = /^X-Body-Hash: (\w+)\r$/m.exec(header)?.[1]
  const body = content.subarray(headerEnd + 4)
  return { number: Number(number), isIntact: hash === hashOf(Number(number), body) }
}

/** Of the letter that an address was made for; NaN where it is none of ours. */
export function numberOf(recipient: string): number {
  return Number(/^\w+\+(\d+)\.\d@/.exec(recipient)?.[1])
}

/** The stream that a connection hands in to, so that both are used. */
export function streamOf(connection: number): string {
  return connection % 2 === 0 ? RECEIPTS : CAMPAIGN
}

function hashOf(number: number, body: string | Buffer): string {
  const hash = createHash('sha256').update(`${number}\n`)
  return (typeof body === 'string' ? hash.update(body, 'latin1') : hash.update(body)).digest('hex')
}
