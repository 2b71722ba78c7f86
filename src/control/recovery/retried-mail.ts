// SPDX-License-Identifier: Apache-2.0
/**
 * Sends mail of one process again that had failed: as new messages from the content that is kept, by the way that all mail
 * comes in, so that gate, quotas and suppressions are asked anew. Each recipient once, however often it is asked for and wherever
 * a crash falls:
 *
 *   look who was sent it before ▸ claim, under the id of the new message ▸ accept ▸ event ▸ confirm
 */
import type { Acceptance, Acceptor, Submitter } from '../../accept/acceptor.ts'
import type { DurationMs } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import { messageOf } from '../../base/errors.ts'
import { retryLimits } from '../../base/limits/retry-limits.ts'
import type { Log } from '../../base/log.ts'
import { timestampOf, type Unwritten } from '../../events/event.ts'
import type { MessageId } from '../../events/ids.ts'
import type { RetriedEvent } from '../../events/retried-event.ts'
import { formatReply } from '../../protocol/reply.ts'
import type { Directory } from '../../records/directory.ts'
import { parseSlug } from '../../records/records.ts'
import { suppressedAmong } from '../../records/suppressions/suppressed-among.ts'
import type { SuppressionCheck } from '../../records/suppressions/suppression-lookup.ts'
import type { SpooledContent } from '../../spool/content.ts'
import type { EventLog } from '../../spool/event-log.ts'
import type { KeptMessage, Message } from '../../spool/message.ts'
import type { Spool } from '../../spool/spool.ts'
import { noRetries, RetryCount, type RetryCounts } from './retry-counts.ts'
import type { RetryClaim, RetryKey, RetryMemory } from './retry-memory.ts'

/** A recipient who failed for good. */
export interface FailedRecipient extends RetryKey {
  /** RFC 3339. */
  readonly failedAt: string
}

export interface RetryWish {
  readonly isTrial: boolean
  /** Who wants it. */
  readonly by: string
}

export interface RetriedMailContext {
  readonly node: string
  readonly clock: Clock
  readonly log: Log
  readonly spool: Pick<Spool, 'owns' | 'kept' | 'newId'>
  readonly events: Pick<EventLog, 'append' | 'received'>
  readonly memory: RetryMemory
  readonly acceptor: Pick<Acceptor, 'begin'>
  readonly suppressions: SuppressionCheck
  readonly directory: () => Directory
  /** How long content of what failed is kept. */
  readonly keptFor: () => DurationMs
}

/** One message and those of its recipients who are to get it again. */
interface Retry {
  readonly kept: KeptMessage
  readonly as: MessageId
  readonly recipients: readonly number[]
}

interface Tried extends Retry {
  readonly acceptance: Acceptance | 'gone' | 'no-stream' | 'unreadable'
}

const LOCAL = { address: '127.0.0.1', helo: '', protocol: 'LOCAL', tls: null } as const

export class RetriedMail {
  readonly #context: RetriedMailContext
  /** One at a time: what one of them has claimed is confirmed before the next looks. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(context: RetriedMailContext) {
    this.#context = context
  }

  /** Of those whose mail is here; others are not counted. */
  retry(failed: readonly FailedRecipient[], wish: RetryWish): Promise<RetryCounts> {
    const own = failed.filter(({ messageId }) => this.#context.spool.owns(messageId))
    const turn = this.#turn.then(() => this.#retryAll(own, wish))
    this.#turn = turn.catch(() => undefined)
    return turn
  }

  async #retryAll(failed: readonly FailedRecipient[], wish: RetryWish): Promise<RetryCounts> {
    if (failed.length === 0) return noRetries
    const count = new RetryCount()
    const messages = [...Map.groupBy(failed, ({ messageId }) => messageId).values()]
    for (let at = 0; at < messages.length; at += retryLimits.step)
      await this.#step(messages.slice(at, at + retryLimits.step).flat(), wish, count)
    return count.counts()
  }

  async #step(failed: readonly FailedRecipient[], wish: RetryWish, count: RetryCount) {
    const fresh = await this.#notYetSent(failed, wish, count)
    const retries = await this.#wanted(fresh, count)
    if (wish.isTrial) {
      for (const { recipients } of retries) count.add('sent', recipients.length)
      return
    }
    if (retries.length === 0) return
    const { memory } = this.#context
    memory.claim(retries.flatMap(claimsOf))
    const tried = await Promise.all(retries.map((retry) => this.#try(retry)))
    const sent = tried.map((each) => ({ ...each, recipients: sentTo(each) }))
    const events = sent.flatMap(({ as, kept: { message }, recipients }) =>
      recipients.map((index) =>
        this.#eventOf(message, index, recipientOf(message, index), as, wish),
      ),
    )
    await this.#context.events.append(events)
    const confirmed = sent.flatMap(claimsOf)
    memory.confirm(confirmed)
    memory.release(tried.flatMap(claimsOf).filter((claim) => !isAmong(confirmed, claim)))
    for (const each of tried) countTried(each, count)
  }

  /** Each once, and without those who were sent it before. */
  async #notYetSent(failed: readonly FailedRecipient[], wish: RetryWish, count: RetryCount) {
    const { clock, events, keptFor, memory } = this.#context
    const oldest = clock.now() - keptFor()
    const fresh: FailedRecipient[] = []
    const seen = new Set<string>()
    for (const one of failed) {
      const name = `${one.messageId} ${one.recipientIndex}`
      if (seen.has(name)) continue
      seen.add(name)
      const claim = memory.look(one)
      const isSent =
        claim !== null && (claim.isConfirmed || (await events.received(claim.as)) !== null)
      if (isSent) count.add('already')
      else if (Date.parse(one.failedAt) <= oldest) count.add('gone')
      else fresh.push(one)
      // A crash came before somebody could say so.
      if (isSent && !claim.isConfirmed && !wish.isTrial) await this.#catchUp(one, claim.as, wish)
    }
    return fresh
  }

  /** From what is kept, without those who are suppressed. */
  async #wanted(failed: readonly FailedRecipient[], count: RetryCount): Promise<readonly Retry[]> {
    const { spool } = this.#context
    const byMessage = Map.groupBy(failed, ({ messageId }) => messageId)
    const found = await spool.kept([...byMessage.keys()])
    const retries: Retry[] = []
    for (const [id, its] of byMessage) {
      const kept = found.get(id)
      if (kept === undefined) {
        count.add('gone', its.length)
        continue
      }
      if (kept.message.envelope.reversePath === null) {
        count.refuse(its.length, 'a report or an automatic answer is not sent again')
        continue
      }
      const indexes = its.map(({ recipientIndex }) => recipientIndex)
      const recipients = await this.#notSuppressed(kept.message, indexes, count)
      if (recipients.length > 0) retries.push({ kept, as: spool.newId(), recipients })
    }
    return retries
  }

  async #notSuppressed(message: Message, indexes: readonly number[], count: RetryCount) {
    const { log, suppressions } = this.#context
    const { envelope, list, stream, tenant } = message
    const known = indexes.filter((index) => envelope.recipients[index] !== undefined)
    const addresses = known.flatMap((index) => envelope.recipients[index]?.forwardPath ?? [])
    try {
      const mail = { tenant, stream, list: list ?? null }
      const found = await suppressedAmong(suppressions, mail, addresses)
      const wanted = known.filter((_, at) => !found?.[at])
      count.add('suppressed', known.length - wanted.length)
      return wanted
    } catch (thrown) {
      // The store is away: nobody is written to of whom it is not known.
      log.warn({ error: messageOf(thrown) }, 'mail is not sent again without suppressions')
      count.add('later', known.length)
      return []
    }
  }

  async #try(retry: Retry): Promise<Tried> {
    const { message } = retry.kept
    const submitter = this.#submitterOf(message)
    if (submitter === null) return { ...retry, acceptance: 'no-stream' }
    try {
      const found = await retry.kept.content()
      if (found.kind === 'unreadable') return { ...retry, acceptance: 'unreadable' }
      if (found.kind !== 'readable') return { ...retry, acceptance: 'gone' }
      await using content = found
      return { ...retry, acceptance: await this.#accept(retry, submitter, content) }
    } catch (thrown) {
      // The disk. Never rejects: the next turn must find nobody at work.
      this.#context.log.warn({ error: messageOf(thrown) }, 'kept mail could not be read')
      return { ...retry, acceptance: 'unreadable' }
    }
  }

  async #accept(
    { as, kept: { message }, recipients: indexes }: Retry,
    submitter: Submitter,
    { body }: SpooledContent,
  ): Promise<Acceptance> {
    const { release: _over, ...envelope } = message.envelope
    const recipients = indexes.flatMap((index) => envelope.recipients[index] ?? [])
    const draft = this.#context.acceptor.begin(submitter, { ...envelope, recipients }, LOCAL, {
      stream: submitter.stream,
      campaign: message.campaign,
      labels: message.labels ?? null,
      sandbox: false,
      // Links in it count already, for the message that failed.
      tracks: [],
      engagement: null,
      spread: null,
      repeats: { id: as, retryOf: message.id },
    })
    try {
      if (body instanceof Uint8Array) await draft.write(body)
      else for await (const chunk of body) await draft.write(chunk)
    } catch (thrown) {
      draft.abort()
      throw thrown
    }
    return draft.finish()
  }

  /** Nobody's credential: who hands it in now is not who did then. `null`: its stream was removed. */
  #submitterOf({ stream: streamName, tenant: tenantName }: Message): Submitter | null {
    const [tenant, stream] = [parseSlug(tenantName), parseSlug(streamName)]
    if (tenant === null || stream === null) return null
    if (this.#context.directory().stream(tenant, stream) === null) return null
    return { tenant, stream, usualStream: null, credential: null, isSandbox: false }
  }

  /** What the process that sent it did not come to: its event, and then that it is done. */
  async #catchUp(key: RetryKey, as: MessageId, wish: RetryWish): Promise<void> {
    const { events, memory } = this.#context
    const { messageId, recipientIndex } = key
    const received = await events.received(messageId)
    if (received !== null) {
      const recipient = received.recipients[recipientIndex] ?? ''
      const about = { ...received, id: messageId }
      await events.append([this.#eventOf(about, recipientIndex, recipient, as, wish)])
    }
    memory.confirm([key])
  }

  #eventOf(
    { campaign, id, stream, tenant }: Pick<Message, 'campaign' | 'id' | 'stream' | 'tenant'>,
    recipientIndex: number,
    recipient: string,
    retriedAs: MessageId,
    { by }: RetryWish,
  ): Unwritten<RetriedEvent> {
    const { clock, node } = this.#context
    return {
      ...{ type: 'message.retried', at: timestampOf(clock.now()), node, tenant, stream, campaign },
      ...{ messageId: id, recipientIndex, recipient, by, retriedAs },
    }
  }
}

function recipientOf({ envelope }: Message, index: number): string {
  return envelope.recipients[index]?.forwardPath ?? ''
}

/** Without those who were suppressed a moment ago: nobody tries them. */
function sentTo({ acceptance, kept: { message }, recipients }: Tried): readonly number[] {
  if (typeof acceptance !== 'object' || acceptance.kind !== 'accepted') return []
  const suppressed = new Set(acceptance.suppressed.map(({ recipient }) => recipient))
  return recipients.filter((index) => !suppressed.has(recipientOf(message, index)))
}

function isAmong(claims: readonly RetryClaim[], { messageId, recipientIndex }: RetryKey): boolean {
  return claims.some((one) => one.messageId === messageId && one.recipientIndex === recipientIndex)
}

function claimsOf({ as, kept, recipients }: Retry): readonly RetryClaim[] {
  return recipients.map((recipientIndex) => ({ messageId: kept.message.id, recipientIndex, as }))
}

function countTried({ acceptance, kept, recipients }: Tried, count: RetryCount): void {
  const { length } = recipients
  if (acceptance === 'gone') count.add('gone', length)
  else if (acceptance === 'unreadable') count.putOff(length, 'the content could not be read')
  else if (acceptance === 'no-stream')
    count.refuse(length, `stream ${kept.message.stream} of ${kept.message.tenant} was removed`)
  else if (acceptance.kind === 'accepted') {
    // Who was suppressed a moment ago.
    count.add('suppressed', acceptance.suppressed.length)
    count.add('sent', length - acceptance.suppressed.length)
  } else if (acceptance.reply.code < 500) count.putOff(length, formatReply(acceptance.reply))
  else count.refuse(length, formatReply(acceptance.reply))
}
