// SPDX-License-Identifier: Apache-2.0
/** The sentences with which content is refused. RFC 3463 §3.7 (5.6.0), §3.4 (5.3.4), §3.5 (5.4.6). */
import { unreachable } from '../base/invariant.ts'
import { contentLimits, serverLimits } from '../base/limits/limits.ts'
import { formatSize } from '../base/quantity.ts'
import type { HeaderFault } from '../protocol/message/header-section.ts'
import { LONGEST_LINE } from '../protocol/mime/lines.ts'
import { type Reply, reply } from '../protocol/reply.ts'
import type { ControlFault } from './control-fields.ts'
import type { FieldFault } from './header-facts.ts'

export const noHeader: Reply = reply(
  550,
  '5.6.0',
  'The message has no header section; it needs at least a From field (RFC 5322 section 3.6)',
)

export const headerTooLong: Reply = reply(
  552,
  '5.3.4',
  `The header section is longer than ${formatSize(serverLimits.headerOctets)}`,
)

export const bareLineEnd: Reply = reply(
  550,
  '5.6.0',
  'The message has a CR or LF that is not part of a CRLF (RFC 5321 section 2.3.8)',
)

export const lineTooLong: Reply = reply(
  554,
  '5.6.0',
  `The message has a line of more than ${LONGEST_LINE} octets where it may not be folded (RFC 5322 section 2.1.1)`,
)

export const tooManyHops: Reply = reply(
  554,
  '5.4.6',
  `Too many hops: the message has ${contentLimits.receivedFields} or more Received fields`,
)

export function ofHeaderFault(fault: HeaderFault): Reply {
  switch (fault.fault) {
    case 'not-a-field':
      return malformed(fault, 'is not a field: it needs a name and a colon')
    case 'bare-cr-or-lf':
      return malformed(fault, 'has a CR or LF that is not part of a CRLF')
    case 'nul':
      return malformed(fault, 'has a NUL character')
    case 'too-many-fields':
      return reply(
        552,
        '5.3.4',
        `The header section has more than ${contentLimits.headerFields} fields`,
      )
    default:
      return unreachable(fault.fault)
  }
}

export function ofFieldFault({ fault, field }: FieldFault): Reply {
  switch (fault) {
    case 'missing':
      return refusal(
        field === 'Sender'
          ? 'From has several mailboxes, so the message needs a Sender field (RFC 5322 section 3.6.2)'
          : `The message has no ${field} field (RFC 5322 section 3.6)`,
      )
    case 'repeated':
      return refusal(`The message has more than one ${field} field (RFC 5322 section 3.6)`)
    case 'no-mailbox':
      return refusal(`The ${field} field has no mailbox that can be read`)
    case 'doubtful-mailbox':
      return refusal(`The ${field} field has an address that cannot be read beside one that can`)
    case 'too-many-mailboxes':
      return refusal(
        field === 'Sender'
          ? 'The Sender field has more than one mailbox (RFC 5322 section 3.6.2)'
          : `The ${field} field has more than ${contentLimits.mailboxesPerField} mailboxes`,
      )
    default:
      return unreachable(fault)
  }
}

export function ofControlFault({ field, why }: ControlFault): Reply {
  return refusal(`${field}: ${why}`)
}

function malformed(fault: HeaderFault, what: string): Reply {
  return refusal(`Line ${fault.line} of the header section ${what}`)
}

function refusal(text: string): Reply {
  return reply(550, '5.6.0', text)
}
