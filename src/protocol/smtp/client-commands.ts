// SPDX-License-Identifier: Apache-2.0
/** The commands of a mail transaction as a client writes them, with the parameters that a server offers. RFC 5321 §4.1. */
import { invariant } from '../../base/invariant.ts'
import type { DeliveryWishes, NotifyOn } from '../envelope.ts'
import { type Reply, reply } from '../reply.ts'
import type { Extensions } from './extensions.ts'
import { encodeXtext } from './xtext.ts'

/** One recipient of an outgoing transaction. */
export interface OutgoingRecipient {
  readonly forwardPath: string
  /** RFC 3461 §4.1: `[]` is NEVER, `null` is not said. */
  readonly notify: readonly NotifyOn[] | null
  /** RFC 3461 §4.2: `rfc822;xtext`, already encoded. */
  readonly originalRecipient: string | null
}

/** The envelope of an outgoing transaction. */
export interface OutgoingEnvelope extends Pick<DeliveryWishes, 'requireTls' | 'priority'> {
  /** Without brackets; empty for the null reverse-path. */
  readonly reversePath: string
  readonly recipients: readonly OutgoingRecipient[]
  readonly body: '7BIT' | '8BITMIME'
  readonly smtputf8: boolean
  readonly ret: 'FULL' | 'HDRS' | null
  /** Decoded from xtext. */
  readonly envid: string | null
}

/** `size`: octets of the whole content. Without CRLF. */
export function mailCommand(envelope: OutgoingEnvelope, size: number, offered: Extensions): string {
  let command = `MAIL FROM:<${pathOf(envelope.reversePath)}>`
  if (offered.size !== null) command += ` SIZE=${size}`
  if (offered.eightBitMime && envelope.body === '8BITMIME') command += ' BODY=8BITMIME'
  if (offered.smtpUtf8 && envelope.smtputf8) command += ' SMTPUTF8'
  if (offered.dsn && envelope.ret !== null) command += ` RET=${envelope.ret}`
  if (offered.dsn && envelope.envid !== null) command += ` ENVID=${encodeXtext(envelope.envid)}`
  if (offered.requireTls && envelope.requireTls) command += ' REQUIRETLS'
  if (offered.priority && envelope.priority) command += ` MT-PRIORITY=${envelope.priority}`
  return command
}

/** Without CRLF. */
export function rcptCommand(recipient: OutgoingRecipient, offered: Extensions): string {
  const command = `RCPT TO:<${pathOf(recipient.forwardPath)}>`
  return offered.dsn ? command + dsnParameters(recipient) : command
}

/**
 * The reply that a server would have to give and that we need not ask for: the message needs what it does not
 * offer. Nothing is converted on the way, since that would break signatures (RFC 6152 §3, RFC 6531 §3.2, RFC 1870 §6.1).
 */
export function localRefusal(
  envelope: OutgoingEnvelope,
  size: number,
  offered: Extensions,
): Reply | null {
  if (envelope.smtputf8 && !offered.smtpUtf8)
    return reply(553, '5.6.7', 'The server does not offer SMTPUTF8, which the message needs')
  if (envelope.body === '8BITMIME' && !offered.eightBitMime)
    return reply(554, '5.6.3', 'The server does not offer 8BITMIME, which the message needs')
  if (offered.size !== null && offered.size > 0 && size > offered.size)
    return reply(
      552,
      '5.3.4',
      `The message has ${size} octets, the server takes at most ${offered.size}`,
    )
  return null
}

function dsnParameters(recipient: OutgoingRecipient): string {
  let parameters = ''
  if (recipient.notify !== null)
    parameters += ` NOTIFY=${recipient.notify.length === 0 ? 'NEVER' : recipient.notify.join(',')}`
  const original = recipient.originalRecipient
  // Original recipients in UTF-8 (RFC 6533 §3) are left out: a parameter of its own rules, and only quoted back.
  if (original !== null && /^[\x21-\x7e]+$/.test(original)) parameters += ` ORCPT=${original}`
  return parameters
}

/** A path comes from a parser; one that could end a command would be a bug of ours. */
function pathOf(path: string): string {
  for (let at = 0; at < path.length; at++)
    invariant(path.charCodeAt(at) >= 0x20, 'a path has no control characters')
  return path
}
