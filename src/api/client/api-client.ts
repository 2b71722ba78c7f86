// SPDX-License-Identifier: Apache-2.0
/** Calls routes of the API: of a relay on this machine, of a remote one, or of records that no relay has open. */
import { type ErrorCode, errorKinds, RelayError } from '../../base/errors.ts'
import type { Page } from '../http/page.ts'
import type { Problem } from '../http/problem.ts'
import type { AnyRoute, Route } from '../http/route.ts'

export interface Asked {
  readonly route: AnyRoute
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  /** JSON; only what creates or changes has one. */
  readonly body: unknown
}

export interface Answered {
  readonly status: number
  readonly body: string
}

/** One way to a relay. Throws `RLY_RELAY_NOT_RUNNING`. */
export type Transport = (asked: Asked) => Promise<Answered>

export interface CallInput {
  readonly params?: Readonly<Record<string, string>>
  /** What is undefined is left out. */
  readonly query?: Readonly<Record<string, string | number | undefined>>
  readonly body?: unknown
}

export class ApiClient {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** Throws what the relay says is wrong. */
  async call<P, Q, B, A>(route: Route<P, Q, B, A>, input: CallInput = {}): Promise<A> {
    const { params = {}, query = {}, body: given = {} } = input
    const { status, body } = await this.#transport({
      route,
      params,
      query: Object.fromEntries(
        Object.entries(query).flatMap(([name, value]) =>
          value === undefined ? [] : [[name, String(value)]],
        ),
      ),
      body: given,
    })
    if (status === route.status) return JSON.parse(body) as A
    throw errorOf(status, body)
  }

  /** All items of a list, page by page. */
  async all<P, Q, B, T>(route: Route<P, Q, B, Page<T>>, input: CallInput = {}): Promise<T[]> {
    const items: T[] = []
    let cursor: string | undefined
    do {
      const page: Page<T> = await this.call(route, { ...input, query: { ...input.query, cursor } })
      items.push(...page.items)
      cursor = page.nextCursor ?? undefined
    } while (cursor !== undefined)
    return items
  }
}

/** What an answer that is none says is wrong. */
export function errorOf(status: number, body: string): RelayError {
  let found: Partial<Problem> = {}
  try {
    found = JSON.parse(body) as Partial<Problem>
  } catch {
    // Not from a relay: something in between answered.
  }
  const code = found.code !== undefined && found.code in errorKinds ? found.code : 'RLY_REFUSED'
  return new RelayError(code as ErrorCode, found.detail ?? `the answer was HTTP ${status}`)
}
