// SPDX-License-Identifier: Apache-2.0
/**
 * Recipients of a message on its way in whom the tenant's list keeps it from. The message is taken all the same, with all of
 * its recipients; those are ended before anybody is tried. A crash in between, or a store that cannot be asked now, leaves
 * them to the check before each attempt.
 */
import type { Clock } from '../base/clock.ts'
import { messageOf } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { type Findings, suppressedAmong } from '../records/suppressions/suppressed-among.ts'
import type { Decisive } from '../records/suppressions/suppression.ts'
import type { SuppressionCheck } from '../records/suppressions/suppression-lookup.ts'
import type { Message, WaitingRecipient } from '../spool/message.ts'
import { queueOf } from '../spool/queue-name.ts'
import { suppressedEvent } from '../spool/recipient-event.ts'
import type { Spool } from '../spool/spool.ts'
import type { SuppressedRecipient } from './acceptor.ts'

export interface SuppressingContext {
  readonly node: string
  readonly clock: Clock
  readonly log: Log
  readonly spool: Spool
  readonly suppressions: SuppressionCheck
}

/** `null`: nobody, as nearly always. Never rejects. */
export function findSuppressed(
  { log, suppressions }: SuppressingContext,
  { envelope, list, stream, tenant }: Message,
): Promise<Findings | null> | null {
  const recipients = envelope.recipients.map(({ forwardPath }) => forwardPath)
  const found = suppressedAmong(suppressions, { tenant, stream, list: list ?? null }, recipients)
  return (
    found?.catch((thrown: unknown) => {
      // The store cannot be asked now.
      log.warn({ error: messageOf(thrown) }, 'recipients are taken without a look at suppressions')
      return null
    }) ?? null
  )
}

export interface Sorted {
  /** To be tried. */
  readonly wanted: readonly WaitingRecipient[]
  readonly suppressed: readonly SuppressedRecipient[]
}

/** Ends those who are suppressed. */
export async function sortOut(
  { clock, log, node, spool }: SuppressingContext,
  recipients: readonly WaitingRecipient[],
  findings: Findings | null,
): Promise<Sorted> {
  const now = clock.now()
  const wanted: WaitingRecipient[] = []
  const ended: { readonly waiting: WaitingRecipient; readonly suppression: Decisive }[] = []
  for (const waiting of recipients) {
    const suppression = findings?.[waiting.index] ?? null
    if (suppression === null) wanted.push(waiting)
    else ended.push({ waiting, suppression })
  }
  if (ended.length === 0) return { wanted, suppressed: [] }
  try {
    await spool.record(
      ended.map(({ waiting, suppression }) => {
        const queue = queueOf(waiting.message, waiting.index)
        return suppressedEvent(waiting, queue, suppression, node, now)
      }),
    )
  } catch (thrown) {
    // The disk fails: who delivers looks again.
    log.error({ error: messageOf(thrown) }, 'suppressed recipients could not be recorded')
    return { wanted: recipients, suppressed: [] }
  }
  const suppressed = ended.map(({ waiting, suppression }) => ({
    recipient: waiting.message.envelope.recipients[waiting.index]?.forwardPath ?? '',
    suppression,
  }))
  return { wanted, suppressed }
}
