// SPDX-License-Identifier: Apache-2.0
/** Puts routes on an HTTP server. */
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { messageOf } from '../../base/errors.ts'
import { httpLimits } from '../../base/limits/http-limits.ts'
import type { Log } from '../../base/log.ts'
import { answerTo, type RawRequest } from './answer-to.ts'
import type { ApiContext } from './api-context.ts'
import { nameOf } from './caller.ts'
import { endAfterRefusal, goOn } from './continuing.ts'
import { answeredOnce, type KeyedRequest } from './idempotency.ts'
import { browserOf, type CallerOf } from './identification.ts'
import type { KeyedWork } from './keyed-work.ts'
import { type Problem, problemOf } from './problem.ts'
import type { RequestGate } from './request-gate.ts'
import { type AnyRoute, API_PREFIX } from './route.ts'
import { goodnessOf, whileGood } from './while-good.ts'

export interface MountOptions {
  readonly context: ApiContext
  readonly log: Log
  /** Rejects with `RLY_UNAUTHENTICATED`, `RLY_FORBIDDEN`. */
  readonly callerOf: CallerOf
  /** Whether clients may be browsers. */
  readonly hasBrowsers: boolean
  /** Asked before the body is read; `null`: everything may come. */
  readonly gate: RequestGate | null
}

export function mount(
  app: FastifyInstance,
  routes: readonly AnyRoute[],
  options: MountOptions,
): void {
  const { context, log, callerOf, gate } = options
  app.removeContentTypeParser('text/plain')
  // What is no JSON, or too large, fails before a route is asked.
  app.setErrorHandler((thrown, request, answer) => {
    const problem = problemOf(thrown)
    if (problem.status === 500)
      log.error({ error: messageOf(thrown), url: request.url }, 'a request failed')
    return sendProblem(answer, problem)
  })
  for (const route of routes)
    app.route({
      method: route.method,
      ...(route.bodyOctets !== null && { bodyLimit: route.bodyOctets }),
      url: API_PREFIX + route.path.replace(/\{(\w+)\}/g, ':$1'),
      ...(gate !== null && {
        onRequest: async (request: FastifyRequest, reply: FastifyReply) => {
          const problem = await gate.refusal(route, request, reply)
          if (problem === null)
            return goOn(request, reply, route.bodyOctets ?? httpLimits.bodyOctets)
          endAfterRefusal(request, reply)
          return sendProblem(reply, problem)
        },
      }),
      handler: async (request, reply) => {
        const gone = new AbortController()
        reply.raw.once('close', () => gone.abort())
        const raw = rawRequestOf(route, request, reply, options, gone.signal)
        const work = (once: KeyedWork | null) =>
          answerTo(route, { ...raw, keyed: once }, context, log)
        const keyed = await keyedRequestOf(route, request, callerOf)
        const { answer, isReplayed } =
          keyed === null
            ? { answer: await work(null), isReplayed: false }
            : await answeredOnce(context, log, keyed, work)
        if (isReplayed) reply.header('idempotency-replayed', 'true')
        if (answer.kind === 'problem') return sendProblem(reply, answer.problem)
        if (answer.kind === 'stream') {
          const caller = await callerOf(route, request)
          return sendStream(reply, whileGood(answer.texts, goodnessOf(caller, context), gone))
        }
        if (answer.kind === 'redirect')
          return reply.header('cache-control', 'no-store').redirect(answer.location, 303)
        if (route.needs === 'login' || route.needs === 'nothing')
          reply.header('cache-control', 'no-store')
        return reply.status(answer.status).send(answer.body)
      },
    })
}

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  if (problem.code === 'RLY_UNAUTHENTICATED')
    reply.header('www-authenticate', 'Bearer realm="posthaste"')
  if (problem.retryAfterSeconds !== undefined)
    reply.header('retry-after', String(problem.retryAfterSeconds))
  return reply.status(problem.status).type('application/problem+json').send(problem)
}

/** What is slow to be taken is slowly made: the socket's buffer is the only one. */
function sendStream(reply: FastifyReply, texts: AsyncIterable<string>): FastifyReply {
  return reply
    .type('text/event-stream; charset=utf-8')
    .header('cache-control', 'no-store')
    .header('x-accel-buffering', 'no')
    .send(Readable.from(texts))
}

function headerText(request: FastifyRequest, name: string): string | null {
  const value = request.headers[name]
  return typeof value === 'string' ? value : null
}

function rawRequestOf(
  route: AnyRoute,
  request: FastifyRequest,
  reply: FastifyReply,
  { callerOf, hasBrowsers }: MountOptions,
  signal: AbortSignal,
): RawRequest {
  return {
    caller: () => callerOf(route, request),
    browser: hasBrowsers ? browserOf(request, reply) : null,
    params: request.params,
    query: request.query as Record<string, unknown>,
    body: request.body,
    lastEventId: headerText(request, 'last-event-id'),
    keyed: null,
    /** Aborts when the caller is gone, has its answer, or may not have more of it. */
    signal,
  }
}

/** `null`: it is done whatever was done before. So are logins, whose answers are good for one browser alone. */
async function keyedRequestOf(
  route: AnyRoute,
  request: FastifyRequest,
  callerOf: CallerOf,
): Promise<KeyedRequest | null> {
  const key = request.headers['idempotency-key']
  const isOfLogin = route.needs === 'login' || route.needs === 'nothing'
  if (request.method !== 'POST' || typeof key !== 'string' || isOfLogin) return null
  try {
    const { body, method, url } = request
    const owner = nameOf(await callerOf(route, request))
    return { key, owner, method, url, body, isResumable: route.isResumable }
  } catch {
    // Nobody whom we know: that is what the answer will say.
    return null
  }
}
