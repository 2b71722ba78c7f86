// SPDX-License-Identifier: Apache-2.0
/** MAIL FROM of a transaction: our token at the bounce domain, so that what comes back finds its message. */
import { plus } from '../../base/brand.ts'
import { messageIdOctets } from '../../events/ids.ts'
import { RETURN_PATH_GOOD_FOR, type TokenSealer } from '../../protocol/token.ts'
import type { Batch } from '../../queue/ready-queue.ts'

/** Empty for the null reverse-path, which is never replaced (RFC 5321 §4.5.5). The same for every attempt. */
export function returnPathOf(batch: Batch, sealer: TokenSealer): string {
  const [{ waiting }, another] = batch
  const { message, index } = waiting
  if (message.returnPathDomain === null) return message.envelope.reversePath ?? ''
  const id = messageIdOctets(message.id)
  const expiresAt = plus(message.expiresAt, RETURN_PATH_GOOD_FOR)
  const recipient = message.envelope.recipients[index]
  const token =
    another === undefined && recipient
      ? sealer.seal(message.tenant, id, index, recipient.forwardPath, expiresAt)
      : sealer.sealShared(id, expiresAt)
  return `${token}@${message.returnPathDomain}`
}
