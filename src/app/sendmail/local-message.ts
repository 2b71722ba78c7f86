// SPDX-License-Identifier: Apache-2.0
/**
 * A message as a program of this machine writes it, made one that can be handed in: CRLF line ends, an envelope, and
 * whole addresses where it has bare names (`root`), as cron and system programs do.
 *
 * Known limits: a bare name is completed where it stands alone in its field. `Resent-` fields name the recipients where
 * there are any, those of all groups together.
 */
import { RelayError } from '../../base/errors.ts'
import { contentLimits } from '../../base/limits/limits.ts'
import { parseAddressList } from '../../protocol/message/address-list.ts'
import {
  fieldValue,
  findHeaderEnd,
  type HeaderField,
  parseHeaderSection,
} from '../../protocol/message/header-section.ts'
import { withCrlf } from '../../protocol/message/line-ends.ts'
import type { SendmailCall } from './sendmail-arguments.ts'

export interface LocalMessage {
  /** Empty is the null reverse-path. */
  readonly reversePath: string
  readonly recipients: readonly string[]
  readonly content: Buffer
}

export interface LocalUser {
  /** Who calls. */
  readonly name: string
  /** What bare names are completed with. */
  readonly domain: string
}

const FROM = ['from', 'resent-from']
const RECIPIENTS = ['to', 'cc', 'bcc']
/** One word, perhaps in angle brackets, perhaps with a comment: `root (Cron Daemon)`. */
const BARE = /^(?:<([\w.+-]+)>|([\w.+-]+))(?: *\(([^()\r\n]*)\))?$/
const LF = 0x0a
const CRLF = Buffer.from('\r\n')
const MOST_RECIPIENTS = 100_000

/** Throws `RLY_USAGE` where there is nobody to send it to, or the header section cannot be read. */
export function localMessage(input: Buffer, call: SendmailCall, user: LocalUser): LocalMessage {
  const whole = (address: string): string =>
    address === '' || address.includes('@') ? address : `${address}@${user.domain}`
  const sender = whole(call.sender?.replace(/^<(.*)>$/, '$1') ?? user.name)
  const { fields, body } = split(withWholeLines(call.endsAtDot ? untilDot(input) : input))
  const header = fields.map((field) => completed(field, user.domain))
  if (!fields.some(({ name }) => name === 'from'))
    header.unshift(`From: ${named(call.fullName, sender === '' ? whole(user.name) : sender)}\r\n`)
  const found = call.readsRecipients ? recipientsIn(fields, user.domain) : []
  const recipients = [...new Set([...call.recipients.map(whole), ...found])]
  if (recipients.length === 0)
    throw new RelayError('RLY_USAGE', 'no recipients: name them, or use -t and a To field')
  return {
    reversePath: sender,
    recipients,
    content: Buffer.concat([Buffer.from(`${header.join('')}\r\n`, 'latin1'), body]),
  }
}

/** A field as it will stand in the message, octets as latin1. */
function completed(field: HeaderField, domain: string): string {
  const text = field.source.toString('latin1', field.start, field.end)
  if (![...FROM, ...RECIPIENTS].includes(field.name)) return text
  const match = BARE.exec(fieldValue(field))
  if (match === null) return text
  const address = `${match[1] ?? match[2]}@${domain}`
  const label = field.source.toString('latin1', field.start, field.valueAt)
  return `${label} ${named(match[3] ?? null, address)}\r\n`
}

function recipientsIn(fields: readonly HeaderField[], domain: string): string[] {
  const isResent = fields.some(({ name }) => name.startsWith('resent-'))
  const names = RECIPIENTS.map((name) => (isResent ? `resent-${name}` : name))
  return fields
    .filter(({ name }) => names.includes(name))
    .flatMap((field): readonly string[] => {
      const bare = BARE.exec(fieldValue(field))
      if (bare !== null) return [`${bare[1] ?? bare[2]}@${domain}`]
      const { mailboxes, unreadable } = parseAddressList(fieldValue(field), MOST_RECIPIENTS)
      if (unreadable === 0) return mailboxes
      throw new RelayError('RLY_USAGE', `the field ${field.name} has what is no address`)
    })
}

function named(name: string | null, address: string): string {
  if (name === null || name === '') return address
  const plain = name.replaceAll(/[\r\n]+/g, ' ')
  const isAscii = /^[\x20-\x7e]*$/.test(plain)
  const words = isAscii
    ? `"${plain.replaceAll(/["\\]/g, '\\$&')}"`
    : `=?utf-8?B?${Buffer.from(plain).toString('base64')}?=`
  return `${words} <${address}>`
}

/** A text that does not begin with fields is all body, as programs write it that know nothing of them. */
function split(content: Buffer): { fields: readonly HeaderField[]; body: Buffer } {
  const end = findHeaderEnd(content)
  const headerEnd = end === -1 ? content.length : end
  const section = parseHeaderSection(content, headerEnd)
  if (section.kind === 'section')
    return { fields: section.fields, body: content.subarray(end === -1 ? headerEnd : end + 2) }
  if (section.fault === 'not-a-field' && section.line === 1) return { fields: [], body: content }
  throw new RelayError(
    'RLY_USAGE',
    `line ${section.line} of the message is no header field (at most ${contentLimits.headerFields} are read)`,
  )
}

/** The last line has its end too. */
function withWholeLines(content: Buffer): Buffer {
  const lines = withCrlf(content)
  return lines.length === 0 || lines.at(-1) === LF ? lines : Buffer.concat([lines, CRLF])
}

function untilDot(input: Buffer): Buffer {
  const dot = /(?:^|\n)\.\r?(?:\n|$)/.exec(input.toString('latin1'))
  if (dot === null) return input
  return input.subarray(0, dot.index + (dot[0].startsWith('\n') ? 1 : 0))
}
