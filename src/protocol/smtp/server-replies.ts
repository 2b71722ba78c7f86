// SPDX-License-Identifier: Apache-2.0
/** What the server side says, and how a reply looks on the wire. RFC 5321 §4.2, RFC 2034, RFC 3463, RFC 5248. */
import type { Instant } from '../../base/brand.ts'
import { type Reply, reply } from '../reply.ts'
import type { ContentFault } from './content-reader.ts'
import type { Mechanism } from './sasl.ts'
import { xclientAttributes } from './xclient.ts'

export const serverReplies = {
  ok: reply(250, '2.0.0', 'Ok'),
  bye: reply(221, '2.0.0', 'Bye'),
  help: reply(214, '2.0.0', 'See RFC 5321'),
  cannotVerify: reply(252, '2.0.0', 'Cannot verify the user, send mail and see'),
  noExpansion: reply(502, '5.5.1', 'There are no lists to expand'),
  startContent: reply(354, null, 'End data with <CR><LF>.<CR><LF>'),
  mailOk: reply(250, '2.1.0', 'Ok'),
  priorityIgnored: reply(250, '2.3.6', 'Ok, but the priority is 0 without authentication'),
  rcptOk: reply(250, '2.1.5', 'Ok'),
  lineTooLong: reply(500, '5.5.2', 'Line too long'),
  bareLineFeed: reply(500, '5.5.2', 'Lines end in CR LF, not in LF'),

  readyForTls: reply(220, '2.0.0', 'Ready to start TLS'),
  tlsActive: reply(503, '5.5.1', 'TLS is active already'),
  tlsNotOffered: reply(502, '5.5.1', 'STARTTLS is not offered'),

  authenticated: reply(235, '2.7.0', 'Authentication successful'),
  authenticatedAlready: reply(503, '5.5.1', 'Authenticated already'),
  wrongSecret: reply(535, '5.7.8', 'Authentication credentials invalid'),
  tooManyGuesses: reply(454, '4.7.0', 'Too many failed logins lately, try again later'),
  encryptionRequired: reply(538, '5.7.11', 'Encryption required, send STARTTLS first'),
  authenticationRequired: reply(530, '5.7.0', 'Authentication required'),
  authLineTooLong: reply(500, '5.5.6', 'Authentication exchange line is too long'),

  mayNotClaim: reply(550, '5.7.0', 'XCLIENT is not for you'),

  messageTooBig: reply(552, '5.3.4', 'Message is larger than the maximum'),
  requireTlsNotOffered: reply(555, '5.5.4', 'REQUIRETLS is offered within TLS alone'),
  releaseTooFar: reply(501, '5.5.4', 'The release is further ahead than FUTURERELEASE allows'),
  tooManyRecipients: reply(
    452,
    '4.5.3',
    'Too many recipients, send the rest in another transaction',
  ),
  noRoom: reply(452, '4.3.1', 'Insufficient system storage, try again later'),
  // A postmaster without a domain is one of the server's own domain, and a relay has no mailbox of its own.
  noLocalPostmaster: reply(550, '5.1.1', 'No mailboxes here, write to postmaster of a domain'),
  reversePathNeedsUtf8: reply(550, '5.6.7', 'The reverse-path needs the parameter SMTPUTF8'),
  forwardPathNeedsUtf8: reply(553, '5.6.7', 'The forward-path needs the parameter SMTPUTF8'),

  tooManyErrors: reply(421, '4.7.0', 'Too many errors, closing'),
  tooManyTransactions: reply(421, '4.7.0', 'Too many messages in one session, closing'),
  tooManyFailedLogins: reply(421, '4.7.0', 'Too many failed logins, closing'),
  noRoomForSession: reply(421, '4.3.2', 'Too busy, try again later'),
  tooManySessions: reply(421, '4.7.0', 'Too many sessions, try again later'),
  timedOut: reply(421, '4.4.2', 'Timed out, closing'),
  shuttingDown: reply(421, '4.3.2', 'Shutting down, try again later'),
} as const satisfies Record<string, Reply>

/** All of these were read to their true end before, so the session can go on after them. */
export const contentFaultReplies: Readonly<Record<ContentFault, Reply>> = {
  'bare-line-end': reply(550, '5.6.0', 'Content has a bare CR or LF; lines end in CR LF'),
  nul: reply(550, '5.6.0', 'Content has a NUL octet'),
  'line-length': reply(554, '5.6.0', 'Content has a line that is too long'),
  size: serverReplies.messageTooBig,
}

/** To a chunk that is not the last, RFC 3030 §2. */
export function chunkReply(octets: number): Reply {
  return reply(250, '2.0.0', `${octets} octets received`)
}

/** Longest text of a reply line: RFC 5321 §4.5.3.1.5 allows 512 octets with code and CRLF. */
const TEXT_LENGTH = 480

export interface OfferedExtensions {
  readonly hostname: string
  readonly messageOctets: number
  /** RFC 9422: real ones, for the client that can plan ahead. */
  readonly transactionsPerSession: number
  readonly recipientsPerMessage: number
  /** RFC 4865; 0: not offered. */
  readonly futureReleaseMs: number
  readonly now: Instant
  readonly isSecure: boolean
  readonly startTls: boolean
  /** Empty: AUTH is not offered. */
  readonly auth: readonly Mechanism[]
  readonly xclient: boolean
}

/** The reply to EHLO, RFC 5321 §4.1.1.1. */
export function ehloReply(name: string, offered: OfferedExtensions): Reply {
  const lines = [
    `${offered.hostname} greets ${name}`,
    'PIPELINING',
    `SIZE ${offered.messageOctets}`,
    '8BITMIME',
    'SMTPUTF8',
    'ENHANCEDSTATUSCODES',
    'DSN',
    'CHUNKING',
    ...(offered.futureReleaseMs > 0 ? [futureRelease(offered)] : []),
    'MT-PRIORITY',
    `LIMITS MAILMAX=${offered.transactionsPerSession} RCPTMAX=${offered.recipientsPerMessage}`,
    'HELP',
  ]
  if (offered.isSecure) lines.push('REQUIRETLS')
  if (offered.startTls) lines.push('STARTTLS')
  if (offered.auth.length > 0) lines.push(`AUTH ${offered.auth.join(' ')}`)
  if (offered.xclient) lines.push(`XCLIENT ${xclientAttributes.join(' ')}`)
  return reply(250, null, lines.join('\n'))
}

/** The longest interval in seconds, and the last moment. */
function futureRelease({ futureReleaseMs, now }: OfferedExtensions): string {
  const last = new Date(now + futureReleaseMs).toISOString().replace(/\.\d+/, '')
  return `FUTURERELEASE ${Math.floor(futureReleaseMs / 1_000)} ${last}`
}

/** The octets of a reply with its line ends. Control characters of a text become spaces; every line has the codes. */
export function wireReply(answer: Reply): string {
  const { code, enhanced } = answer
  const status = enhanced === null ? '' : `${enhanced} `
  const text = answer.text.replaceAll(/[^\n -~\u0080-\u{10ffff}]/gu, ' ')
  if (!text.includes('\n')) return `${code} ${status}${text.slice(0, TEXT_LENGTH)}\r\n`
  const lines = text.split('\n').map((line) => line.slice(0, TEXT_LENGTH))
  const last = lines.pop() ?? ''
  return `${lines.map((line) => `${code}-${status}${line}\r\n`).join('')}${code} ${status}${last}\r\n`
}
