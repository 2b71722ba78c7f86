// SPDX-License-Identifier: Apache-2.0
/**
 * The resolvers that we ask, as one: tries them in turn, goes to TCP where UDP is too short, and without
 * EDNS where a server does not know it. Stays with the server that answered last.
 */
import { ms } from '../base/brand.ts'
import type { Clock } from '../base/clock.ts'
import { invariant } from '../base/invariant.ts'
import { dnsLimits } from '../base/limits/limits.ts'
import type { Random } from '../base/random.ts'
import {
  type Exchanged,
  exchangeByTcp,
  exchangeByUdp,
  type NameServer,
  type Patience,
} from './exchange.ts'
import { decodeResponse, encodeQuery, type Question, Rcode, type Response } from './message.ts'
import { Turnstile } from './turnstile.ts'

export type Upshot =
  /** NOERROR or NXDOMAIN, complete. */
  | { readonly kind: 'answered'; readonly response: Response; readonly isTrusted: boolean }
  | { readonly kind: 'failed'; readonly text: string }

export class Upstream {
  readonly #servers: readonly NameServer[]
  readonly #clock: Clock
  readonly #random: Random
  readonly #closing = new AbortController()
  readonly #unanswered = new Turnstile(dnsLimits.unanswered, dnsLimits.waiting)
  /** Has no end, since it stands inside of the other one. */
  readonly #inFlight = new Turnstile(dnsLimits.inFlight, Number.POSITIVE_INFINITY)
  #preferred = 0

  constructor(servers: readonly NameServer[], clock: Clock, random: Random) {
    this.#servers = servers
    this.#clock = clock
    this.#random = random
  }

  /** Never rejects. Takes at most `queryMs` times the attempts, and as long again for TCP. */
  async ask(question: Question): Promise<Upshot> {
    const upshot = await this.#unanswered.pass(() => this.#askInTurn(question))
    return upshot ?? { kind: 'failed', text: 'too many questions wait for a resolver' }
  }

  /** Ends what is in flight; later questions fail at once. */
  close(): void {
    this.#closing.abort()
  }

  async #askInTurn(question: Question): Promise<Upshot> {
    const attempts = Math.max(dnsLimits.attempts, this.#servers.length)
    const refusing = new Set<NameServer>()
    let text = 'no resolver is configured'
    for (let attempt = 0; attempt < attempts && !this.#closing.signal.aborted; attempt++) {
      const server = this.#servers[this.#preferred % this.#servers.length]
      if (server === undefined || refusing.has(server)) break
      const result = await this.#askOne(server, question)
      if (typeof result !== 'string') {
        const problem = problemWith(result)
        if (problem === null)
          return { kind: 'answered', response: result, isTrusted: server.isTrusted }
        refusing.add(server)
        text = problem
      } else text = result
      this.#preferred = (this.#servers.indexOf(server) + 1) % this.#servers.length
    }
    return { kind: 'failed', text }
  }

  /** The response, or what went wrong on the way. */
  async #askOne(server: NameServer, question: Question): Promise<Response | string> {
    const response = await this.#askWith(server, question, true)
    if (typeof response === 'string' || !complainsAboutEdns(response)) return response
    return this.#askWith(server, question, false)
  }

  async #askWith(
    server: NameServer,
    question: Question,
    withEdns: boolean,
  ): Promise<Response | string> {
    const query = encodeQuery(this.#random.bytes(2).readUInt16BE(0), question, withEdns)
    const patience: Patience = {
      clock: this.#clock,
      limit: ms(dnsLimits.queryMs),
      signal: this.#closing.signal,
    }
    const byUdp = responseOf(await this.#exchangeByUdp(server, query, patience))
    if (typeof byUdp === 'string' || !byUdp.isTruncated) return byUdp
    const byTcp = responseOf(await exchangeByTcp(server, query, patience))
    return typeof byTcp !== 'string' && byTcp.isTruncated ? 'truncated even by TCP' : byTcp
  }

  /** A resolver that has not answered promptly has taken the packet, and is busy with the name. */
  async #exchangeByUdp(server: NameServer, query: Buffer, patience: Patience): Promise<Exchanged> {
    const exchanged = await this.#inFlight.pass(async (leave) => {
      const timer = this.#clock.after(ms(dnsLimits.promptMs), leave)
      try {
        return await exchangeByUdp(server, query, patience)
      } finally {
        timer.cancel()
      }
    })
    invariant(exchanged, 'the line of packets has no end')
    return exchanged
  }
}

function responseOf(exchanged: Exchanged): Response | string {
  if (exchanged.kind === 'failed') return exchanged.text
  return decodeResponse(exchanged.octets) ?? 'an answer that cannot be read'
}

/** RFC 6891 §7: a server without EDNS says FORMERR or NOTIMP; BADVERS is one that has another. */
function complainsAboutEdns(response: Response): boolean {
  const badVersion = 16
  return (
    response.rcode === Rcode.formatError ||
    response.rcode === Rcode.notImplemented ||
    response.rcode === badVersion
  )
}

/** Why another server should be asked, or `null`. */
function problemWith(response: Response): string | null {
  switch (response.rcode) {
    case Rcode.noError:
      return response.records.length > 0 || response.isConclusive ? null : 'no recursion'
    case Rcode.noSuchDomain:
      return null
    case Rcode.serverFailure:
      return 'SERVFAIL'
    case Rcode.refused:
      return 'REFUSED'
    default:
      return `response code ${response.rcode}`
  }
}
