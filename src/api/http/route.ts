// SPDX-License-Identifier: Apache-2.0
/**
 * One operation of the API as a value: what it takes, what it answers, who may, and the work. Validation, the OpenAPI
 * document, the client and the command line are made from it; nothing else describes the API.
 */
import type { z } from 'zod'
import type { Person } from '../../records/people/person.ts'
import type { TenantScope } from '../../records/tenant-scope.ts'
import type { ApiContext } from './api-context.ts'
import type { Browser } from './browser.ts'
import type { Caller, Needs } from './caller.ts'
import { type Nothing, nothing } from './fields.ts'
import type { KeyedWork } from './keyed-work.ts'

export interface Call<P, Q, B> {
  readonly caller: Caller
  /** Whose records the work may reach. */
  readonly scope: TenantScope
  readonly params: P
  readonly query: Q
  readonly body: B
  /** `null`: no HTTP client, but the command line on this host. */
  readonly browser: Browser | null
  /** The work finds out who asks: they log in. */
  readonly becomes: (person: Person) => void
  /** Of a stream that was cut off (HTML Living Standard §9.2.4). */
  readonly lastEventId: string | null
  /** The request has an Idempotency-Key. */
  readonly keyed: KeyedWork | null
  /** Aborts when the caller is gone, or the relay stops. */
  readonly signal: AbortSignal
}

export interface Route<P = unknown, Q = unknown, B = unknown, A = unknown> {
  /** `domains.add`: names the operation in the document, in clients and in the log. */
  readonly id: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below `/api/v1`; parts in braces are `params`: `/domains/{name}`. */
  readonly path: string
  /** One sentence. */
  readonly summary: string
  /** What a key or a person must have. */
  readonly needs: Needs
  /** Also only with a key, or for a person, of the installation. */
  readonly isForInstallation: boolean
  readonly params: z.ZodType<P>
  readonly query: z.ZodType<Q>
  readonly body: z.ZodType<B>
  readonly answer: z.ZodType<A>
  /** `event-stream`: Server-Sent Events; `run` gives their texts, each checked by `answer`. `redirect`: to the answer's `location`. */
  readonly content: 'json' | 'event-stream' | 'redirect'
  /** A browser is sent here from another site: an OpenID provider. */
  readonly isNavigation: boolean
  /** Whether the audit log keeps what the record was before and after. Not where that would outlive an erasure. */
  readonly isKeptInAudit: boolean
  /** What was made by a request with an Idempotency-Key is found again: after a crash the same request goes on. */
  readonly isResumable: boolean
  /** How large a request may be; `null`: as most. */
  readonly bodyOctets: number | null
  /** Of success. */
  readonly status: 200 | 201 | 202 | 303
  readonly run: (call: Call<P, Q, B>, context: ApiContext) => Promise<A | AsyncIterable<A>>
}

export const API_PREFIX = '/api/v1'

// biome-ignore lint/suspicious/noExplicitAny: a route of any shape.
export type AnyRoute = Route<any, any, any, any>

type Given<P, Q, B, A> = Pick<
  Route<P, Q, B, A>,
  'id' | 'method' | 'path' | 'summary' | 'needs' | 'answer' | 'run'
> &
  Partial<Route<P, Q, B, A>>

/** What is not given: no parameters, no query but the tenant, no body, 200, for tenants too. */
export function route<P = Nothing, Q = Nothing, B = Nothing, A = unknown>(
  given: Given<P, Q, B, A>,
): Route<P, Q, B, A> {
  return {
    isForInstallation: false,
    params: nothing as unknown as z.ZodType<P>,
    query: nothing as unknown as z.ZodType<Q>,
    body: nothing as unknown as z.ZodType<B>,
    bodyOctets: null,
    content: 'json',
    isNavigation: false,
    isKeptInAudit: true,
    isResumable: false,
    status: 200,
    ...given,
  }
}
