// SPDX-License-Identifier: Apache-2.0
/** Answers what is asked of a desk over the channel. */
import type { FastifyInstance } from 'fastify'
import { RelayError } from '../../base/errors.ts'
import type { MailDesk } from '../../control/desk/mail-desk.ts'
import { type MessageId, parseMessageId } from '../../events/ids.ts'
import { answerOn } from './answer-on.ts'
import { positionLines, streamLines } from './event-stream.ts'
import { messages } from './messages.ts'

/** `stopping` aborts when the relay stops, so that streams end. */
export function addDeskRoutes(app: FastifyInstance, desk: MailDesk, stopping: AbortSignal): void {
  answerOn(app, messages.status, () => desk.status())
  answerOn(app, messages.queues, ({ limit, tenant }) => desk.queues(limit, tenant ?? null))
  answerOn(app, messages.queuesOf, ({ limit, ...whose }) => desk.queuesOf(whose, limit))
  answerOn(app, messages.cancelOf, async ({ by, ...whose }) => ({
    recipients: await desk.cancelOf(whose, by),
  }))
  answerOn(app, messages.show, ({ queue, limit }) => desk.show(queue, limit))
  answerOn(app, messages.suspend, async ({ pattern, by, reason }) => {
    await desk.suspend(pattern, by, reason)
    return { pattern }
  })
  answerOn(app, messages.resume, async ({ pattern, by }) => {
    await desk.resume(pattern, by)
    return { pattern }
  })
  answerOn(app, messages.retry, async ({ pattern, by }) => ({
    pattern,
    recipients: await desk.retry(pattern, by),
  }))
  answerOn(app, messages.bounce, async ({ pattern, by, reason }) => ({
    pattern,
    recipients: await desk.bounce(pattern, by, reason),
  }))
  answerOn(app, messages.campaigns, async ({ limit, name = null, tenant = null }) => ({
    campaigns: await desk.campaigns({ tenant, name }, limit),
  }))
  answerOn(app, messages.held, async ({ limit, after, ...filter }) => ({
    messages: await desk.held(filter, limit, after),
  }))
  answerOn(app, messages.decide, async ({ decision, decidedBy, ...filter }) => ({
    recipients: await desk.decide(filter, decision, decidedBy),
  }))
  answerOn(app, messages.retryFailed, ({ failed, ...wish }) => desk.retryFailed(failed, wish))
  answerOn(app, messages.trace, async ({ message }) => ({
    events: await desk.trace(messageIdIn(message)),
  }))
  answerOn(app, messages.explain, (question) => desk.explain(question))
  answerOn(app, messages.sources, () => desk.sources())
  answerOn(app, messages.pools, () => desk.pools())
  answerOn(app, messages.send, (request) => desk.send(request))
  answerOn(app, messages.sentBefore, async (once) => ({ sent: await desk.sentBefore(once) }))
  answerOn(app, messages.announce, async ({ what, text, tenant }) => {
    await desk.announce(what, text, tenant)
    return {}
  })
  answerOn(app, messages.tell, async (facts) => {
    await desk.tell(facts)
    return {}
  })
  answerOn(app, messages.refresh, async () => {
    await desk.refresh()
    return {}
  })
  app.get(messages.positions.path, (_request, answer) =>
    streamLines(answer, stopping, (signal) => positionLines(desk, signal)),
  )
}

function messageIdIn(text: string): MessageId {
  const id = parseMessageId(text)
  if (id !== null) return id
  throw new RelayError('RLY_USAGE', `"${text}" is not a message id: expected 26 letters and digits`)
}
