// SPDX-License-Identifier: Apache-2.0
/**
 * DSNs to submitters (RFC 3461 §5): one for each message whose recipients met their fate together, accepted like all other
 * mail. Whether a message has any is decided by its stream when it comes in, and lies with it: a stream that is removed
 * leaves nobody without a word.
 */
import type { Acceptance } from '../../accept/acceptor.ts'
import type { OwnContent, OwnSubmitter } from '../../accept/own-mail.ts'
import type { Clock } from '../../base/clock.ts'
import { contentLimits } from '../../base/limits/limits.ts'
import type { Log } from '../../base/log.ts'
import { writeReport } from '../../protocol/dsn/report.ts'
import type { ReportedRecipient } from '../../protocol/dsn/report-facts.ts'
import type { Mailbox } from '../../protocol/mailbox.ts'
import { formatReply, isTransient } from '../../protocol/reply.ts'
import type { Slug } from '../../records/records.ts'
import type { Message, SpoolAddress } from '../../spool/message.ts'
import type { Spool } from '../../spool/spool.ts'
import { isOwed, type Notice } from './notice.ts'

export interface DeliveryReportsContext {
  readonly hostname: string
  /** Header From of reports. */
  readonly reportsFrom: () => string
  readonly clock: Clock
  readonly log: Log
  readonly spool: Spool
  /** The way in for our own mail. */
  readonly submit: (
    about: OwnSubmitter,
    recipient: Mailbox,
    content: OwnContent,
  ) => Promise<Acceptance>
}

/**
 * Resolves when every report that is owed is durable, or was refused for good (then the log says so). `false`: one cannot be
 * accepted now; those that were may be sent again.
 */
export async function sendReports(
  context: DeliveryReportsContext,
  notices: readonly Notice[],
): Promise<boolean> {
  const byMessage = Map.groupBy(notices, ({ recipient }) => recipient.waiting.message)
  for (const [message, ofMessage] of byMessage) {
    const owed = ofMessage.filter(isOwed)
    const [first] = owed
    if (first && !(await report(context, message, first.recipient.waiting.address, owed)))
      return false
  }
  return true
}

async function report(
  context: DeliveryReportsContext,
  message: Message,
  address: SpoolAddress,
  notices: readonly Notice[],
): Promise<boolean> {
  const { reversePath } = message.envelope
  if (reversePath === null) return true
  const content = writeReport({
    hostname: context.hostname,
    from: context.reportsFrom(),
    now: context.clock.now(),
    arrivedAt: message.receivedAt,
    messageId: message.id,
    reversePath,
    envelope: message.envelope,
    recipients: notices.map(reportedRecipient),
    original: await originalOf(context.spool, message, address),
  })
  const about = {
    tenant: message.tenant as Slug,
    stream: message.stream as Slug,
    sandbox: message.sandbox === true,
  }
  const { requireTls, priority } = message.envelope
  const acceptance = await context.submit(about, reversePath, {
    ...content,
    // A report goes as its message did: RFC 8689 §5, RFC 6710 §4.
    ...(requireTls === undefined ? {} : { requireTls }),
    ...(priority === undefined ? {} : { priority }),
  })
  if (acceptance.kind === 'accepted') return true
  if (isTransient(acceptance.reply)) return false
  context.log.warn(
    { messageId: message.id, reply: formatReply(acceptance.reply) },
    'a delivery report was refused by our own gate and is not sent',
  )
  return true
}

function reportedRecipient(notice: Notice): ReportedRecipient {
  const { message, index } = notice.recipient.waiting
  const recipient = message.envelope.recipients[index]
  if (!recipient) throw new RangeError(`message ${message.id} has no recipient ${index}`)
  const { fate, reply, said, mx, lastAttemptAt } = notice
  const remoteMta = mx?.replace(/\[.*$/, '') ?? null
  return { recipient, fate, reply, said, remoteMta, lastAttemptAt }
}

const nothingOfIt = { octets: Buffer.alloc(0), isComplete: false }

/** As much of the original as a report may return; nothing where it cannot be read. */
async function originalOf(spool: Spool, message: Message, address: SpoolAddress) {
  const found = await spool.content(message.id, address)
  if (found.kind !== 'readable') return nothingOfIt
  await using content = found
  if (content.body instanceof Uint8Array) return { octets: content.body, isComplete: true }
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    for await (const chunk of content.body) {
      chunks.push(chunk)
      length += chunk.length
      if (length > contentLimits.returnedOctets) break
    }
  } catch (thrown) {
    // The operator knows; the report is owed all the same.
    if (content.trouble === null) throw thrown
    return nothingOfIt
  }
  return { octets: Buffer.concat(chunks), isComplete: length === content.size }
}
