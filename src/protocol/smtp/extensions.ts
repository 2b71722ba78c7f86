// SPDX-License-Identifier: Apache-2.0
/** What a server's reply to EHLO offers. RFC 5321 §4.1.1.1, IANA's registry of SMTP service extensions. */
import type { Reply } from '../reply.ts'

export interface Extensions {
  /** RFC 1870: octets, 0 where the server names no limit; `null` where it does not offer SIZE. */
  readonly size: number | null
  /** RFC 2920. */
  readonly pipelining: boolean
  /** RFC 3030. */
  readonly chunking: boolean
  /** RFC 6152. */
  readonly eightBitMime: boolean
  /** RFC 6531. */
  readonly smtpUtf8: boolean
  /** RFC 3461. */
  readonly dsn: boolean
  /** RFC 3207. */
  readonly startTls: boolean
  /** RFC 8689. */
  readonly requireTls: boolean
  /** RFC 6710. */
  readonly priority: boolean
  /** RFC 9422, RCPTMAX: recipients of one transaction; `Infinity` where the server names no limit. */
  readonly recipientsMost: number
  /** RFC 9422, MAILMAX: transactions of one session. */
  readonly messagesMost: number
}

/** Of a server that knows HELO alone. */
export const noExtensions: Extensions = {
  size: null,
  pipelining: false,
  chunking: false,
  eightBitMime: false,
  smtpUtf8: false,
  dsn: false,
  startTls: false,
  requireTls: false,
  priority: false,
  recipientsMost: Number.POSITIVE_INFINITY,
  messagesMost: Number.POSITIVE_INFINITY,
}

/** The first line of the reply is the server's name and greeting; each other one is a keyword with parameters. */
export function extensionsOf(ehlo: Reply): Extensions {
  const offered = new Map<string, string>()
  for (const line of ehlo.text.split('\n').slice(1)) {
    const [keyword = '', ...parameters] = line.trim().split(/ +/)
    offered.set(keyword.toUpperCase(), parameters.join(' '))
  }
  const size = offered.get('SIZE')
  const limits = offered.get('LIMITS') ?? ''
  return {
    size: size === undefined ? null : sizeOf(size),
    pipelining: offered.has('PIPELINING'),
    chunking: offered.has('CHUNKING'),
    eightBitMime: offered.has('8BITMIME'),
    smtpUtf8: offered.has('SMTPUTF8'),
    dsn: offered.has('DSN'),
    startTls: offered.has('STARTTLS'),
    requireTls: offered.has('REQUIRETLS'),
    priority: offered.has('MT-PRIORITY'),
    recipientsMost: limitOf(limits, 'RCPTMAX'),
    messagesMost: limitOf(limits, 'MAILMAX'),
  }
}

/** RFC 1870 §4: up to 20 digits. What is no number names no limit. */
function sizeOf(parameter: string): number {
  const [octets = ''] = parameter.split(' ')
  return /^\d{1,20}$/.test(octets) ? Number(octets) : 0
}

/** RFC 9422 §3: up to six digits, not zero. What is none of these is no limit. */
function limitOf(limits: string, name: string): number {
  for (const limit of limits.toUpperCase().split(' ')) {
    const [known, value = ''] = limit.split('=', 2)
    if (known === name && /^[1-9]\d{0,5}$/.test(value)) return Number(value)
  }
  return Number.POSITIVE_INFINITY
}
