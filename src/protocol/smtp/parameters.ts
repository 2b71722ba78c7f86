// SPDX-License-Identifier: Apache-2.0
/**
 * Parameters of MAIL and RCPT: SIZE (RFC 1870), BODY (RFC 6152), SMTPUTF8 (RFC 6531), RET, ENVID, NOTIFY and ORCPT
 * (RFC 3461), REQUIRETLS (RFC 8689), HOLDFOR and HOLDUNTIL (RFC 4865), MT-PRIORITY (RFC 6710), AUTH (RFC 4954 §5: read
 * and not used, since a submitter vouches for itself alone).
 *
 * A fault is the reply to give: 501 5.5.4 for a wrong value, 555 5.5.4 for what is not offered (BINARYMIME too).
 */
import type { Instant } from '../../base/brand.ts'
import type { NotifyOn } from '../envelope.ts'
import { type Reply, reply } from '../reply.ts'
import { parseTimestamp } from '../timestamp.ts'
import { decodeXtext, isPrintable } from './xtext.ts'

export interface MailParameters {
  /** Octets that the client declares. */
  readonly size: number | null
  readonly body: '7BIT' | '8BITMIME'
  readonly smtputf8: boolean
  readonly ret: 'FULL' | 'HDRS' | null
  /** Decoded. */
  readonly envid: string | null
  readonly requireTls: boolean
  /** −9 to 9. */
  readonly priority: number | null
  readonly hold: Hold | null
}

/** RFC 4865 §4: a length of time, or a moment. */
export type Hold =
  | { readonly kind: 'for'; readonly seconds: number }
  | { readonly kind: 'until'; readonly at: Instant; readonly written: string }

export interface RcptParameters {
  /** `[]` is NEVER, `null` not given. */
  readonly notify: readonly NotifyOn[] | null
  /** As received, but for an international one that claims to be `rfc822`. */
  readonly originalRecipient: string | null
}

/** Longest values, RFC 3461 §5.4 and RFC 1870 §4. */
const ENVID_OCTETS = 100
const ORCPT_OCTETS = 500
const SIZE_DIGITS = 20

const NO_MAIL_PARAMETERS: MailParameters = {
  size: null,
  body: '7BIT',
  smtputf8: false,
  ret: null,
  envid: null,
  requireTls: false,
  priority: null,
  hold: null,
}

const NO_RCPT_PARAMETERS: RcptParameters = { notify: null, originalRecipient: null }

/** A parameter's part of the whole; `null`: the value is wrong; `undefined`: not offered. */
type Reader<T> = (value: string | null, before: T) => Partial<T> | null | undefined

const mailReaders: ReadonlyMap<string, Reader<MailParameters>> = new Map<
  string,
  Reader<MailParameters>
>([
  ['SIZE', readSize],
  ['BODY', readBody],
  ['SMTPUTF8', (value) => (value === null ? { smtputf8: true } : null)],
  ['RET', readRet],
  ['ENVID', readEnvid],
  ['REQUIRETLS', (value) => (value === null ? { requireTls: true } : null)],
  ['HOLDFOR', readHoldFor],
  ['HOLDUNTIL', readHoldUntil],
  ['MT-PRIORITY', readPriority],
  ['AUTH', readAuth],
])

const rcptReaders: ReadonlyMap<string, Reader<RcptParameters>> = new Map<
  string,
  Reader<RcptParameters>
>([
  ['NOTIFY', readNotify],
  ['ORCPT', readOriginalRecipient],
])

export function parseMailParameters(text: string): MailParameters | Reply {
  return text === '' ? NO_MAIL_PARAMETERS : parse(text, NO_MAIL_PARAMETERS, mailReaders)
}

export function parseRcptParameters(text: string): RcptParameters | Reply {
  return text === '' ? NO_RCPT_PARAMETERS : parse(text, NO_RCPT_PARAMETERS, rcptReaders)
}

function parse<T>(text: string, none: T, readers: ReadonlyMap<string, Reader<T>>): T | Reply {
  let parameters = none
  const seen: string[] = []
  for (const word of text.split(' ')) {
    if (word === '') continue
    const equals = word.indexOf('=')
    const keyword = (equals < 0 ? word : word.slice(0, equals)).toUpperCase()
    const part = readers.get(keyword)?.(equals < 0 ? null : word.slice(equals + 1), parameters)
    if (part === undefined) return reply(555, '5.5.4', 'Parameter not recognized or not offered')
    if (part === null) return reply(501, '5.5.4', `Wrong value of parameter ${keyword}`)
    if (seen.includes(keyword)) return reply(501, '5.5.4', `Parameter ${keyword} given twice`)
    seen.push(keyword)
    parameters = { ...parameters, ...part }
  }
  return parameters
}

function readSize(value: string | null): Partial<MailParameters> | null {
  if (value === null || value.length > SIZE_DIGITS || !/^\d+$/.test(value)) return null
  return { size: Number(value) }
}

function readBody(value: string | null): Partial<MailParameters> | null | undefined {
  switch (value?.toUpperCase()) {
    case '7BIT':
      return { body: '7BIT' }
    case '8BITMIME':
      return { body: '8BITMIME' }
    case 'BINARYMIME':
      return undefined
    default:
      return null
  }
}

function readRet(value: string | null): Partial<MailParameters> | null {
  const ret = value?.toUpperCase()
  return ret === 'FULL' || ret === 'HDRS' ? { ret } : null
}

function readEnvid(value: string | null): Partial<MailParameters> | null {
  if (value === null || value === '' || value.length > ENVID_OCTETS) return null
  const envid = decodeXtext(value)
  return envid === null || !isPrintable(envid) ? null : { envid }
}

/** One of the two, once. */
function readHoldFor(value: string | null, before: MailParameters): Partial<MailParameters> | null {
  if (value === null || before.hold !== null || !/^\d{1,9}$/.test(value)) return null
  return { hold: { kind: 'for', seconds: Number(value) } }
}

function readHoldUntil(
  value: string | null,
  before: MailParameters,
): Partial<MailParameters> | null {
  if (value === null || before.hold !== null) return null
  const at = parseTimestamp(value)
  return at === null ? null : { hold: { kind: 'until', at, written: value } }
}

function readPriority(value: string | null): Partial<MailParameters> | null {
  return value !== null && /^(?:0|-?[1-9])$/.test(value) ? { priority: Number(value) } : null
}

function readAuth(value: string | null): Partial<MailParameters> | null {
  return value === null || value === '' || decodeXtext(value) === null ? null : {}
}

function readNotify(value: string | null): Partial<RcptParameters> | null {
  if (value === null) return null
  const words = value.toUpperCase().split(',')
  if (words.length === 1 && words[0] === 'NEVER') return { notify: [] }
  if (!words.every(isNotifyOn) || new Set(words).size !== words.length) return null
  return { notify: words }
}

function isNotifyOn(word: string): word is NotifyOn {
  return word === 'SUCCESS' || word === 'FAILURE' || word === 'DELAY'
}

function readOriginalRecipient(value: string | null): Partial<RcptParameters> | null {
  if (value === null || Buffer.byteLength(value) > ORCPT_OCTETS) return null
  const semicolon = value.indexOf(';')
  const type = value.slice(0, semicolon)
  const address = value.slice(semicolon + 1)
  if (!/^[A-Za-z0-9-]+$/.test(type) || address === '') return null
  if (type.toLowerCase() === 'utf-8')
    return isUtf8Address(address) ? { originalRecipient: value } : null
  const decoded = decodeXtext(address)
  if (decoded === null) return null
  if (isPrintable(decoded)) return { originalRecipient: value }
  return /\p{Cc}/u.test(decoded) ? null : { originalRecipient: `utf-8;${embedded(decoded)}` }
}

/**
 * `utf-8-addr-xtext` of RFC 6533 §3. Postfix gives an international address the type `rfc822` (2022, version 3.7); it is
 * kept as what it is.
 */
function embedded(address: string): string {
  return address.replaceAll(
    /[^\x21-\x2a\x2c-\x3c\x3e-\x5b\x5d-\x7e]/gu,
    (letter) => `\\x{${letter.codePointAt(0)?.toString(16).toUpperCase().padStart(2, '0')}}`,
  )
}

/** `utf-8-enc-addr` of RFC 6533 §3: what is special stands as `\x{HEX}`. */
function isUtf8Address(text: string): boolean {
  return /^(?:[\x21-\x2a\x2c-\x3c\x3e-\x5b\x5d-\x7e\u0080-\u{10ffff}]|\\x\{[0-9A-F]{2,6}\})+$/u.test(
    text,
  )
}
