// SPDX-License-Identifier: Apache-2.0
/**
 * The one way from a request to its answer, whatever it came by: may the caller, what is asked, the work, the answer; what is
 * wrong as a problem document.
 */
import { z } from 'zod'
import { messageOf, RelayError } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import type { Person } from '../../records/people/person.ts'
import { scopeWithin } from '../../records/tenant-service.ts'
import type { ApiContext } from './api-context.ts'
import { AuditTrail, isAudited } from './audit-trail.ts'
import type { Browser } from './browser.ts'
import { authorise, type Caller, nameOf, scopeOf } from './caller.ts'
import type { KeyedWork } from './keyed-work.ts'
import { type Problem, problemOf } from './problem.ts'
import type { AnyRoute } from './route.ts'

/** As it came: nothing is checked yet. */
export interface RawRequest {
  /** Rejects with `RLY_UNAUTHENTICATED`, `RLY_FORBIDDEN`. */
  readonly caller: () => Promise<Caller>
  readonly params: unknown
  readonly query: Readonly<Record<string, unknown>>
  readonly body: unknown
  readonly browser: Browser | null
  readonly lastEventId: string | null
  /** It has an Idempotency-Key. */
  readonly keyed: KeyedWork | null
  readonly signal: AbortSignal
}

export type Answer =
  | { readonly kind: 'answer'; readonly status: number; readonly body: unknown }
  | { readonly kind: 'stream'; readonly texts: AsyncIterable<string> }
  | { readonly kind: 'redirect'; readonly location: string }
  | { readonly kind: 'problem'; readonly problem: Problem }

/** Every list and every record may be narrowed to one tenant by who reaches several. */
const tenantName = z.string({ error: 'expected the id of one tenant' }).nullable()

export async function answerTo(
  route: AnyRoute,
  request: RawRequest,
  context: ApiContext,
  log: Log,
): Promise<Answer> {
  try {
    const caller = await request.caller()
    authorise(caller, route.needs, route.isForInstallation)
    const trail = isAudited(route) ? new AuditTrail(route, context, log) : null
    const { tenant = null, ...query } = request.query
    // Who has not said who they are narrows nothing, and learns of no tenant.
    if (tenant !== null && route.needs === 'nothing')
      throw new RelayError('RLY_USAGE', '"tenant" is not known here')
    const call = {
      caller,
      scope: await scopeWithin(context.records.store, scopeOf(caller), tenantName.parse(tenant)),
      params: route.params.parse(request.params),
      query: route.query.parse(query),
      body: route.body.parse(request.body ?? {}),
      browser: request.browser,
      becomes: (person: Person) => trail?.becomes(person),
      lastEventId: request.lastEventId,
      keyed: request.keyed,
      signal: request.signal,
    }
    await trail?.look(call)
    const result: unknown = await route.run(call, context)
    if (route.content === 'event-stream')
      return { kind: 'stream', texts: result as AsyncIterable<string> }
    if (trail !== null) {
      await trail.write(call, result)
      await context.refresh()
      log.info({ route: route.id, by: nameOf(caller) }, 'changed by the API')
    }
    const body: unknown = route.answer.parse(result)
    if (route.content === 'redirect')
      return { kind: 'redirect', location: (body as { readonly location: string }).location }
    return { kind: 'answer', status: route.status, body }
  } catch (thrown) {
    // A refusal, or a fault of ours that the log gets.
    const problem = problemOf(thrown, knownNames(route))
    if (problem.status === 500 || problem.code === 'RLY_STORE_FAILED')
      log.error(
        { route: route.id, error: messageOf(thrown), stack: stackOf(thrown) },
        'a request failed',
      )
    return { kind: 'problem', problem }
  }
}

function knownNames(route: AnyRoute): readonly string[] {
  return [route.query, route.body].flatMap((schema) =>
    schema instanceof z.ZodObject ? Object.keys(schema.shape) : [],
  )
}

function stackOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && !(thrown instanceof RelayError) ? thrown.stack : undefined
}
