// SPDX-License-Identifier: Apache-2.0
/** Puts routes on an HTTP server. */
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { messageOf } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import { answerTo } from './answer-to.ts'
import type { ApiContext } from './api-context.ts'
import type { Caller } from './caller.ts'
import { type Problem, problemOf } from './problem.ts'
import { type AnyRoute, API_PREFIX } from './route.ts'

export interface MountOptions {
  readonly context: ApiContext
  readonly log: Log
  /** Throws `RLY_UNAUTHENTICATED`. */
  readonly callerOf: (request: FastifyRequest) => Caller
}

export function mount(
  app: FastifyInstance,
  routes: readonly AnyRoute[],
  { context, log, callerOf }: MountOptions,
): void {
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
      handler: async (request, reply) => {
        const answer = await answerTo(
          route,
          {
            caller: () => callerOf(request),
            params: request.params,
            query: request.query as Record<string, unknown>,
            body: request.body,
            lastEventId: headerText(request, 'last-event-id'),
            signal: goneSignal(reply),
          },
          context,
          log,
        )
        if (answer.kind === 'problem') return sendProblem(reply, answer.problem)
        if (answer.kind === 'stream') return sendStream(reply, answer.texts)
        return reply.status(answer.status).send(answer.body)
      },
    })
}

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer realm="posthaste"')
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

/** Aborts when the caller is gone, or has its answer. */
function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  return gone.signal
}
