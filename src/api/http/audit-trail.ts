// SPDX-License-Identifier: Apache-2.0
/**
 * Writes down who changed what. What a record was before and after is what the API shows of it: the route that shows one
 * record says what of it is no secret, and nothing else is kept. A new resource is in the log without a word of its own.
 */
import { z } from 'zod'
import { messageOf } from '../../base/errors.ts'
import { auditLimits } from '../../base/limits/login-limits.ts'
import type { Log } from '../../base/log.ts'
import type { AuditEntry } from '../../records/audit.ts'
import type { Person } from '../../records/people/person.ts'
import { parseSlug } from '../../records/records.ts'
import { routes } from '../routes.ts'
import type { ApiContext } from './api-context.ts'
import type { Caller } from './caller.ts'
import type { AnyRoute, Call } from './route.ts'

type Actor = Pick<AuditEntry, 'actorKind' | 'actor' | 'actorName'>
type AnyCall = Call<unknown, unknown, unknown>

/** Reads that log somebody in are changes; mail has its own events. */
export function isAudited({ isNavigation, method, needs }: AnyRoute): boolean {
  return (method !== 'GET' || isNavigation) && needs !== 'send'
}

export class AuditTrail {
  readonly #route: AnyRoute
  readonly #context: ApiContext
  readonly #log: Log
  readonly #shownBy: AnyRoute | null
  /** Who a caller turned out to be in the course of the work: they have logged in. */
  #person: Person | null = null
  #before: unknown = null

  constructor(route: AnyRoute, context: ApiContext, log: Log) {
    this.#route = route
    this.#context = context
    this.#log = log
    this.#shownBy = route.isKeptInAudit ? shownBy(route) : null
  }

  becomes(person: Person): void {
    this.#person = person
  }

  /** The record as it is now, if there is one. */
  async look(call: AnyCall): Promise<void> {
    if (this.#shownBy === null || !this.#route.path.includes('{')) return
    try {
      const query: unknown = this.#shownBy.query.parse({})
      const found: unknown = await this.#shownBy.run({ ...call, query }, this.#context)
      this.#before = this.#shownBy.answer.parse(found)
    } catch {
      // It is not there: the work will say so.
    }
  }

  /** Never throws: what is done is done, and the log has what the audit log has not. */
  async write(call: AnyCall, answer: unknown): Promise<void> {
    const entry = this.#entryOf(call, answer)
    try {
      await this.#context.records.store.audit.add(entry)
    } catch (thrown) {
      // A store that is away, a full disk.
      this.#log.error({ error: messageOf(thrown), ...entry }, 'the audit log could not be written')
    }
  }

  #entryOf(call: AnyCall, answer: unknown): Omit<AuditEntry, 'id'> {
    const { id: action, method } = this.#route
    const after = method === 'DELETE' ? null : this.#shownOf(answer)
    const about = { ...objectIn(this.#before), ...objectIn(after) }
    const own = call.caller.kind === 'person' ? call.caller.own.person : this.#person
    const named = Object.values(objectIn(call.params)).join('/')
    const made = about['id'] ?? about['name']
    return {
      at: this.#context.records.clock.now(),
      tenant: this.#tenantOf(call, about['tenant'], own),
      ...actorOf(call.caller, own),
      address: call.browser?.address ?? call.caller.address,
      action,
      target: (named || (typeof made === 'string' ? made : '')).slice(
        0,
        auditLimits.targetCharacters,
      ),
      before: textOf(this.#before),
      after: textOf(after),
    }
  }

  /** What of an answer the other route shows too; `null`: nothing. */
  #shownOf(answer: unknown): unknown {
    const schema = this.#shownBy?.answer
    if (!(schema instanceof z.ZodObject)) return null
    const { data } = schema.partial().safeParse(answer)
    return data === undefined || Object.keys(data).length === 0 ? null : data
  }

  #tenantOf({ scope }: AnyCall, named: unknown, own: Person | null): AuditEntry['tenant'] {
    if (this.#route.needs === 'login' || this.#route.needs === 'nothing') return own?.tenant ?? null
    if (scope.kind === 'tenant') return scope.tenant
    return typeof named === 'string' ? parseSlug(named) : null
  }
}

/** The route that shows the record which `route` is about, or makes. */
function shownBy({ path }: AnyRoute): AnyRoute | null {
  const record = path.slice(0, path.lastIndexOf('}') + 1)
  return (
    routes.find(
      (other) =>
        other.method === 'GET' &&
        (record === ''
          ? other.path.startsWith(`${path}/{`) && other.path.endsWith('}')
          : other.path === record),
    ) ?? null
  )
}

function actorOf(caller: Caller, person: Person | null): Actor {
  if (person !== null) return { actorKind: 'person', actor: person.id, actorName: person.email }
  if (caller.kind === 'key')
    return { actorKind: 'key', actor: caller.key.id, actorName: caller.key.label }
  return { actorKind: caller.kind === 'local' ? 'local' : 'nobody', actor: '', actorName: '' }
}

function objectIn(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function textOf(value: unknown): string | null {
  if (value === null) return null
  const text = JSON.stringify(value)
  return text.length <= auditLimits.recordCharacters ? text : JSON.stringify('too large to keep')
}
