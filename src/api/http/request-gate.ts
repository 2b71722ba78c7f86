// SPDX-License-Identifier: Apache-2.0
/**
 * What is asked of a request before its body is read: whose it is, whether its key has any left, whether mail is taken now, and
 * whether there is memory for what it says it brings. What it brings counts as held until it is answered.
 *
 * Known limit: the octets of the request are counted, not what parsing makes of them.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { seconds } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import { RelayError } from '../../base/errors.ts'
import { httpLimits } from '../../base/limits/http-limits.ts'
import type { MemoryBudget } from '../../base/memory-budget.ts'
import type { MailDesk } from '../../control/desk/mail-desk.ts'
import { peerNetwork } from '../../smtp/peer-address.ts'
import { type Caller, nameOf } from './caller.ts'
import type { CallerOf } from './identification.ts'
import { type Problem, problemOf, problemWith } from './problem.ts'
import type { RateState, RateWindows, RequestRates } from './rate-windows.ts'
import type { AnyRoute } from './route.ts'

export interface GateParts {
  /** Rejects with `RLY_UNAUTHENTICATED`, `RLY_FORBIDDEN`. */
  readonly callerOf: CallerOf
  readonly rates: RequestRates
  /** Of who has neither key nor session, by network. */
  readonly anonymousRates: RateWindows
  readonly memory: MemoryBudget
  readonly desk: Pick<MailDesk, 'status'> | null
  readonly clock: Clock
}

export class RequestGate {
  readonly #parts: GateParts
  /** Whether mail was taken when somebody asked last; with workers all of them are asked. */
  #known: { readonly at: number; readonly why: string | null } | null = null

  constructor(parts: GateParts) {
    this.#parts = parts
  }

  /** `null`: it may go on. */
  async refusal(
    route: AnyRoute,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<Problem | null> {
    try {
      const state = await this.#rateOf(await this.#parts.callerOf(route, request))
      reply.headers(state.headers)
      if (state.isOver) {
        reply.header('retry-after', String(state.resetSeconds))
        return problemWith(
          'RLY_RATE_LIMITED',
          `no request is left in this minute; the next is free in ${state.resetSeconds} s`,
        )
      }
      if (route.method !== 'GET') await this.#admit(route, request, reply)
      return null
    } catch (thrown) {
      // A key that is not good, or no room now.
      const problem = problemOf(thrown)
      if (problem.status === 503) reply.header('retry-after', String(httpLimits.busyRetrySeconds))
      return problem
    }
  }

  #rateOf(caller: Caller): RateState | Promise<RateState> {
    if (caller.kind !== 'nobody') return this.#parts.rates.take(nameOf(caller))
    return this.#parts.anonymousRates.take(peerNetwork(caller.address))
  }

  async #admit(route: AnyRoute, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { desk, memory } = this.#parts
    const share = memory.share()
    reply.raw.once('close', () => share.hold(0))
    const most = route.bodyOctets ?? httpLimits.bodyOctets
    if (memory.room !== 'ample' || !share.hold(octetsOf(request, most))) {
      share.hold(0)
      throw new RelayError('RLY_BUSY', 'there is no memory for this request now; try again soon')
    }
    if (route.needs !== 'send' || desk === null) return
    const why = await this.#refusesMail(desk)
    if (why !== null) throw new RelayError('RLY_BUSY', `no mail is taken now: ${why}`)
  }

  async #refusesMail(desk: Pick<MailDesk, 'status'>): Promise<string | null> {
    const now = this.#parts.clock.monotonic()
    if (this.#known === null || now - this.#known.at >= KNOWN_FOR) {
      const { isReady, why } = await desk.status()
      this.#known = { at: now, why: isReady ? null : why }
    }
    return this.#known.why
  }
}

const KNOWN_FOR = seconds(1)

/** What it says; where it does not, as much as it may be. */
function octetsOf({ headers }: FastifyRequest, most: number): number {
  const length = Number(headers['content-length'])
  if (Number.isInteger(length) && length >= 0) return Math.min(length, most)
  return headers['transfer-encoding'] === undefined ? 0 : most
}
