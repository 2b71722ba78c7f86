// SPDX-License-Identifier: Apache-2.0
/** Calls routes of the API: of a relay on this machine, of a remote one, or of records that no relay has open. */
import { type ErrorCode, errorKinds, RelayError } from '../../base/errors.ts'
import { API_PREFIX } from '../http/mount.ts'
import type { Page } from '../http/page.ts'
import type { Problem } from '../http/problem.ts'
import type { Route } from '../http/route.ts'

export interface Asked {
  readonly method: string
  readonly path: string
  /** JSON. */
  readonly body: string | null
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
    const { status, body } = await this.#transport({
      method: route.method,
      path: pathOf(route.path, input),
      body: route.method === 'GET' ? null : JSON.stringify(input.body ?? {}),
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

function pathOf(path: string, { params = {}, query = {} }: CallInput): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(params[name] ?? ''),
  )
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) search.set(name, String(value))
  return API_PREFIX + filled + (search.size > 0 ? `?${search}` : '')
}

function errorOf(status: number, body: string): RelayError {
  let found: Partial<Problem> = {}
  try {
    found = JSON.parse(body) as Partial<Problem>
  } catch {
    // Not from a relay: something in between answered.
  }
  const code = found.code !== undefined && found.code in errorKinds ? found.code : 'RLY_REFUSED'
  return new RelayError(code as ErrorCode, found.detail ?? `the answer was HTTP ${status}`)
}
