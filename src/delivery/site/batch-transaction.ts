// SPDX-License-Identifier: Apache-2.0
/** From a batch to what is said on the wire. */

import type { Recipient } from '../../protocol/envelope.ts'
import type { Batch } from '../../queue/ready-queue.ts'
import type { ClientTransaction } from '../../smtp/client-exchange.ts'
import type { OutgoingContent } from '../../spool/content.ts'

/** `reversePath`: empty for the null reverse-path. */
export function transactionOf(
  batch: Batch,
  reversePath: string,
  content: OutgoingContent,
): ClientTransaction {
  const { message } = batch[0].waiting
  const { envelope } = message
  const { requireTls, priority } = envelope
  return {
    reversePath,
    recipients: batch.map(({ waiting }) =>
      onWire(recipientAt(envelope.recipients, waiting.index), message.returnPathDomain !== null),
    ),
    body: envelope.body,
    smtputf8: envelope.smtputf8,
    ret: envelope.ret,
    envid: envelope.envid,
    ...(requireTls === undefined ? {} : { requireTls }),
    ...(priority === undefined ? {} : { priority }),
    content,
  }
}

/**
 * Reports come to our return path, not to the submitter: asking a receiver for none would
 * blind us to bounces that come late, so NOTIFY=NEVER is kept for our own DSNs and not passed on.
 */
function onWire(recipient: Recipient, isOurReturnPath: boolean): Recipient {
  return isOurReturnPath && recipient.notify?.length === 0
    ? { ...recipient, notify: null }
    : recipient
}

function recipientAt(recipients: readonly Recipient[], index: number): Recipient {
  const recipient = recipients[index]
  if (!recipient) throw new RangeError(`no recipient ${index}`)
  return recipient
}
