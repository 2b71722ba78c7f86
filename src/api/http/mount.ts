// SPDX-License-Identifier: Apache-2.0
/** Puts routes on an HTTP server: who asks, may they, what they ask, the work, the answer; what is wrong as a problem document. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { messageOf, RelayError } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import { scopeWithin } from '../../records/tenant-service.ts'
import type { ApiContext } from './api-context.ts'
import { authorise, type Caller, nameOf, scopeOf } from './caller.ts'
import { type Problem, problemOf, problemWith } from './problem.ts'
import type { Route } from './route.ts'

export const API_PREFIX = '/api/v1'

export interface MountOptions {
  readonly context: ApiContext
  readonly log: Log
  /** Throws `RLY_UNAUTHENTICATED`. */
  readonly callerOf: (request: FastifyRequest) => Caller
}

/** Every list and every record may be narrowed to one tenant by who reaches several. */
const tenantQuery = z.object({ tenant: z.string().optional() })

// biome-ignore lint/suspicious/noExplicitAny: a list of routes of any shape.
export type AnyRoute = Route<any, any, any, any>

export function mount(
  app: FastifyInstance,
  routes: readonly AnyRoute[],
  options: MountOptions,
): void {
  app.setErrorHandler((thrown, request, answer) => {
    const found = problemOf(thrown)
    if (found.status === 500)
      options.log.error({ error: messageOf(thrown), url: request.url }, 'a request failed')
    return sendProblem(answer, found)
  })
  app.setNotFoundHandler((request, answer) =>
    sendProblem(
      answer,
      problemWith('RLY_ROUTE_UNKNOWN', `${request.method} ${pathOf(request.url)} is no route here`),
    ),
  )
  for (const route of routes)
    app.route({
      method: route.method,
      url: API_PREFIX + route.path.replace(/\{(\w+)\}/g, ':$1'),
      handler: (request, answer) => handle(route, request, answer, options),
    })
}

async function handle(
  route: AnyRoute,
  request: FastifyRequest,
  answer: FastifyReply,
  options: MountOptions,
): Promise<FastifyReply> {
  const { context, callerOf, log } = options
  try {
    const caller = callerOf(request)
    authorise(caller, route.needs, route.isForInstallation)
    const { tenant, ...query } = request.query as Record<string, unknown>
    const named = tenantQuery.parse({ tenant }).tenant ?? null
    const result = await route.run(
      {
        caller,
        scope: await scopeWithin(context.records.store, scopeOf(caller), named),
        params: route.params.parse(request.params),
        query: route.query.parse(query),
        body: route.body.parse(request.body ?? {}),
        signal: signalOf(request),
      },
      context,
    )
    if (route.method !== 'GET') {
      await context.refresh()
      log.info({ route: route.id, by: nameOf(caller) }, 'changed by the API')
    }
    return await answer.status(route.status).send(route.answer.parse(result))
  } catch (thrown) {
    // A refusal, or a fault of ours that the log gets.
    const found = problemOf(thrown, knownNames(route))
    if (found.status === 500)
      log.error(
        { route: route.id, error: messageOf(thrown), stack: stackOf(thrown) },
        'a request failed',
      )
    return sendProblem(answer, found)
  }
}

function sendProblem(answer: FastifyReply, found: Problem): FastifyReply {
  if (found.status === 401) answer.header('www-authenticate', 'Bearer realm="posthaste"')
  return answer.status(found.status).type('application/problem+json').send(found)
}

function knownNames(route: AnyRoute): readonly string[] {
  return [route.query, route.body].flatMap((schema) =>
    schema instanceof z.ZodObject ? Object.keys(schema.shape) : [],
  )
}

function signalOf(request: FastifyRequest): AbortSignal {
  const gone = new AbortController()
  request.raw.once('close', () => gone.abort())
  return gone.signal
}

function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? url
}

function stackOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && !(thrown instanceof RelayError) ? thrown.stack : undefined
}
