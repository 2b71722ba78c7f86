// SPDX-License-Identifier: Apache-2.0
/** What follows from an attempt: the path's state, the events, the DSNs, and when who is tried again. */
import { type DurationMs, hours, type Instant, ms, plus } from '../../base/brand.ts'
import { timestampOf } from '../../events/event.ts'
import { complaintOf } from '../../protocol/classify/complaint.ts'
import { formatReply, type Reply, reply } from '../../protocol/reply.ts'
import { namedWait } from '../../protocol/smtp/named-wait.ts'
import type { EgressPathMachine, PathState } from '../../queue/egress-path.ts'
import type { Batch, ReadyRecipient } from '../../queue/ready-queue.ts'
import { nextAttemptAt, retryAsNamed, withJitter } from '../../queue/retry-schedule.ts'
import type { Flow } from '../../queue/shaping/lessons.ts'
import type { Slug } from '../../records/records.ts'
import type { DeliveryContext } from '../delivery-context.ts'
import { attemptEvent } from './attempt-event.ts'
import { braked } from './brake-outcome.ts'
import { type Notice, noticeOfAttempt } from './notice.ts'
import type { Failure, Outcome, TransactionFacts } from './outcome.ts'
import { blocksSource } from './outcome-of-reply.ts'
import { inOneLine, type PathReplies, type Verdict } from './path-replies.ts'

/**
 * A source that is blocked while another may send is not tried before: its next probe would be somebody's mail, once more put off. The
 * shortest blocks of the field (a list that takes hosts off by itself) last hours.
 */
const BLOCKED = hours(1)

export interface EndedAttempt {
  readonly batch: Batch
  readonly path: EgressPathMachine
  /** One for each recipient of the batch, in its order. */
  readonly outcomes: readonly Outcome[]
  /** `null` where no receiver was reached. */
  readonly facts: TransactionFacts | null
  /** Whose words the outcomes are. */
  readonly by: 'peer' | 'routing'
  /** A connection that had delivered was lost: that alone does not speak against the path. */
  readonly isLostAfterSuccess: boolean
  readonly connectMs: number
  /** Monotonic. */
  readonly pulledAt: number
  /** Who hears what the receiver said of how much it gets; `null` where it was not asked. */
  readonly replies: PathReplies | null
  /** Another source of the pool may carry its mail. */
  readonly hasOtherWay: boolean
  /** Messages that went through the connection before. */
  readonly carried: number
}

/** `false`: the outcomes could not be recorded, and nothing more may be sent. */
export async function settleAttempt(
  context: DeliveryContext,
  ended: EndedAttempt,
): Promise<boolean> {
  const now = context.clock.now()
  const before = ended.path.state.kind
  const restsUntil = judgePath(context, ended, now)
  announceChange(context, ended.path, before)
  const attempt = {
    node: context.node,
    site: ended.path.path.site,
    source: ended.path.path.source,
    facts: ended.facts,
    connectMs: ended.connectMs,
    pulledAt: ended.pulledAt,
    endedAt: context.clock.monotonic(),
    now,
    by: ended.by,
  } as const
  const { site } = ended.path.path
  const held = ended.batch.map((recipient, at) =>
    braked(context, recipient, outcomeAt(ended.outcomes, at), site),
  )
  const notices = ended.batch
    .map((recipient, at) => noticeOfAttempt(recipient, outcomeAt(held, at), ended.facts, now))
    .filter((notice) => notice !== null)
  const outcomes = notices.length === 0 ? held : await reported(context, ended.batch, held, notices)
  const events = ended.batch.map((recipient, at) => {
    const outcome = outcomeAt(outcomes, at)
    const next =
      outcome.kind === 'deferred' ? retryAt(context, recipient, outcome, restsUntil, now) : now
    return attemptEvent(recipient, outcome, attempt, next)
  })
  const isRecorded = await context.recorder.record(events)
  if (!isRecorded) return false
  for (const [at, event] of events.entries()) {
    const recipient = ended.batch[at]
    if (recipient && event.type === 'message.deferred')
      context.onWaiting(recipient.queue, Date.parse(event.nextAttemptAt) as Instant)
  }
  return true
}

/**
 * The outcomes, once those who must be told are; while that cannot be, a bounce waits. What was delivered never does, for it
 * would be delivered again: its report is given up.
 */
async function reported(
  context: DeliveryContext,
  batch: Batch,
  outcomes: readonly Outcome[],
  notices: readonly Notice[],
): Promise<readonly Outcome[]> {
  if (await context.recorder.report(notices)) return outcomes
  if (notices.some(({ fate }) => fate.kind === 'relayed')) {
    const messageId = batch[0].waiting.message.id
    context.log.warn({ messageId }, 'a report of success could not be accepted and is not sent')
  }
  return outcomes.map((outcome) =>
    outcome.kind === 'bounced' ? untilReported(outcome.reply) : outcome,
  )
}

/** A bounce whose report cannot be accepted now: tried again, and then both. */
export function untilReported(said: Reply): Outcome {
  const text = `The failure report cannot be accepted now; refused with: ${formatReply(said)}`
  return { kind: 'deferred', blame: 'message', reply: reply(451, '4.3.0', text), said: 'us' }
}

/**
 * Backs the path off where it is to blame, and says until when its recipients wait; else it has answered as it should. Who complains
 * of too much is sent less first: the path rests where that was not enough, or where a wait was named.
 */
function judgePath(context: DeliveryContext, ended: EndedAttempt, now: Instant): Instant | null {
  const { facts, isLostAfterSuccess, outcomes, path } = ended
  const complaint = hearReplies(context, ended)
  const named = complaint === null ? null : namedWait(complaint.text)
  if (complaint !== null && (named !== null || complaint.verdict === 'enough'))
    return path.backOff(now, complaint.text, named)
  for (const outcome of outcomes) {
    if (outcome.kind !== 'deferred' || outcome.blame !== 'path' || isOfFlow(outcome)) continue
    if (isLostAfterSuccess) return null
    // Not the message's fault, and the path goes on: it comes back as after a first rest.
    if (complaint?.text === outcome.reply.text && path.state.kind === 'open')
      return soon(context, now)
    const said = namedWait(outcome.reply.text)
    const isForAnother =
      ended.hasOtherWay && outcome.meant !== undefined && blocksSource(outcome.meant)
    const rest = isForAnother ? ms(Math.max(said ?? 0, BLOCKED)) : said
    const until = path.backOff(now, outcome.reply.text, rest)
    return isForAnother ? soon(context, now) : until
  }
  if (facts === null) path.unused()
  else path.success()
  return null
}

function soon({ policy, random }: DeliveryContext, now: Instant): Instant {
  const [rest = ms(0)] = policy().siteRests
  return plus(now, ms(withJitter(rest, random)))
}

interface HeardComplaint {
  readonly verdict: Verdict
  readonly text: string
}

/** The complaint that some outcome is; what was delivered beside it is heard after it. */
function hearReplies(context: DeliveryContext, ended: EndedAttempt): HeardComplaint | null {
  const { carried, facts, outcomes, pulledAt, replies } = ended
  if (replies === null) return null
  const now = context.clock.monotonic()
  let heard: HeardComplaint | null = null
  for (const outcome of outcomes) {
    if (outcome.kind !== 'deferred' || heard !== null) continue
    const complaint = complaintOf(outcome.meant, outcome.reply.text)
    if (complaint === null) continue
    if (complaint.whom !== 'path') {
      hearOfFlow(ended, replies, complaint.whom, outcome.reply, now)
      continue
    }
    const proven = complaint.of === 'messagesPerConnection' ? carried : null
    const words = inOneLine(outcome.reply)
    const verdict = replies.complain(complaint, { now, sentAt: pulledAt, words, proven })
    heard = { verdict, text: outcome.reply.text }
  }
  if (facts === null) return heard
  const isDelivered = outcomes.some(({ kind }) => kind === 'delivered')
  replies.carried(now, pulledAt, isDelivered, ended.batch[0].queue)
  if (isDelivered && context.lessons.flows.size > 0)
    replies.carriedOf(flowsOf(ended.batch, replies.place), pulledAt)
  return heard
}

/** Complained of is one tenant's mail, or one campaign's; what has no campaign counts for its tenant. */
function hearOfFlow(
  { batch, pulledAt: sentAt }: EndedAttempt,
  replies: PathReplies,
  whom: 'tenant' | 'campaign',
  said: Reply,
  now: DurationMs,
): void {
  const flows = flowsOf(batch, replies.place)
  const flow = flows.find(({ kind }) => kind === whom) ?? flows[0]
  replies.complainOf(flow, { now, sentAt, words: inOneLine(said) })
}

/** Its tenant, and its campaign where it has one. */
function flowsOf([{ waiting }]: Batch, at: string): readonly [Flow, ...Flow[]] {
  const { campaign, tenant } = waiting.message
  const ofTenant: Flow = { kind: 'tenant', tenant, at }
  return campaign === null ? [ofTenant] : [ofTenant, { kind: 'campaign', tenant, campaign, at }]
}

/** Less of this mail mends it: the path is as good as before. */
function isOfFlow({ meant, reply: said }: Failure): boolean {
  const whom = complaintOf(meant, said.text)?.whom
  return whom === 'tenant' || whom === 'campaign'
}

/** A path over which nothing was tried for a recipient, and nothing can be. */
export function restPath(context: DeliveryContext, path: EgressPathMachine, reason: string): void {
  const before = path.state.kind
  path.backOff(context.clock.now(), reason)
  announceChange(context, path, before)
}

/** A path that stops working, and one that works again, are events of their own; what happens in between is not. */
function announceChange(
  { announce }: DeliveryContext,
  { path, state }: EgressPathMachine,
  before: PathState['kind'],
): void {
  const name = `from source ${path.source} to site ${path.site}`
  if (before === 'open' && state.kind === 'backoff')
    announce(
      'path.backoff',
      `${name}: rests until ${timestampOf(state.until)}, since ${state.reason}`,
    )
  if (before === 'probing' && state.kind === 'open') announce('path.open', `${name}: works again`)
}

/** A path that rests decides for its recipients; else the schedule of the stream does, and what the receiver says. */
function retryAt(
  context: DeliveryContext,
  recipient: ReadyRecipient,
  outcome: Outcome,
  restsUntil: Instant | null,
  now: Instant,
): Instant {
  const isPathToBlame = outcome.kind === 'deferred' && outcome.blame === 'path'
  if (restsUntil !== null && isPathToBlame) return restsUntil
  const scheduled = scheduledRetry(context, recipient, now)
  const named = namedWait(outcome.reply.text)
  if (named === null) return scheduled
  return retryAsNamed(scheduled, named, recipient.waiting.attempts + 1, now, context.random)
}

/** By the schedule of its stream; where that was removed meanwhile, by that of paths. */
export function scheduledRetry(
  context: DeliveryContext,
  recipient: ReadyRecipient,
  now: Instant,
): Instant {
  const { message, attempts } = recipient.waiting
  const stream = context.directory().stream(message.tenant as Slug, message.stream as Slug)
  const waits = stream?.retryAfter ?? context.policy().siteRests
  return nextAttemptAt(waits, attempts + 1, now, context.random)
}

function outcomeAt(outcomes: readonly Outcome[], at: number): Outcome {
  const outcome = outcomes[at]
  if (!outcome) throw new RangeError(`no outcome for recipient ${at} of the batch`)
  return outcome
}
