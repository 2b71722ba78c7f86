// SPDX-License-Identifier: Apache-2.0
/**
 * From a site to a session: its hosts in order, the addresses of each, until one greets us (RFC 5321 §5.1). A host that refuses
 * at the greeting or at EHLO, also with 5yz, is passed over as one that does not answer: another one may take the mail.
 */
import { isIPv6 } from 'node:net'
import type { Clock } from '../base/clock.ts'
import type { DeadlineWheel } from '../base/deadline-wheel.ts'
import { clientLimits, clientTimeouts } from '../base/limits.ts'
import type { Random } from '../base/random.ts'
import type { Resolver } from '../dns/resolver.ts'
import { formatReply, type Reply } from '../protocol/reply.ts'
import type { EgressSource } from '../queue/egress.ts'
import type { Dial } from '../smtp/client-connection.ts'
import { keptReply } from '../smtp/client-conversation.ts'
import { connectSession, type DialFailure, type DialResult } from '../smtp/client-dial.ts'
import type { ClientSession } from '../smtp/client-session.ts'
import { BrokenTlsMemory } from './connect-tls-memory.ts'
import type { TransactionFacts } from './outcome.ts'
import type { SiteRoute } from './routing.ts'
import { resolveHosts, type Target } from './routing-targets.ts'

export interface ConnectFailure {
  readonly kind: 'failed'
  /** `resolve`: no host has an address for us. Else how far the last host let us come. */
  readonly stage: DialFailure['stage'] | 'resolve'
  /** Of the last host; the text names every host that was tried. */
  readonly reply: Reply
  /** `null` where no host was tried. */
  readonly facts: TransactionFacts | null
}

export type ConnectResult =
  | { readonly kind: 'connected'; readonly session: ClientSession }
  | ConnectFailure

export interface HostConnectorOptions {
  readonly resolver: Resolver
  readonly random: Random
  readonly clock: Clock
  readonly wheel: DeadlineWheel
  readonly timeouts?: Dial['timeouts']
  readonly limits?: Dial['limits']
}

export class HostConnector {
  readonly #options: HostConnectorOptions
  readonly #brokenTls: BrokenTlsMemory

  constructor(options: HostConnectorOptions) {
    this.#options = options
    this.#brokenTls = new BrokenTlsMemory(options.clock)
  }

  /** Never rejects. `signal` aborts at once. */
  async connect(
    route: SiteRoute,
    source: EgressSource,
    signal: AbortSignal,
  ): Promise<ConnectResult> {
    const family = source.localAddress !== null && isIPv6(source.localAddress) ? 6 : 4
    const { resolver, random } = this.#options
    const found = await resolveHosts(route.hosts, [family], resolver, random)
    if (found.kind !== 'found')
      return { kind: 'failed', stage: 'resolve', reply: found.reply, facts: null }
    const failures: DialFailure[] = []
    for (const target of found.targets) {
      const result = await this.#dial(route, target, source, signal)
      if (result.kind === 'connected') return result
      failures.push(result)
      if (signal.aborted) break
    }
    return this.#failed(failures)
  }

  /** A host whose STARTTLS is broken is called again in the clear, and for a while it is not asked for TLS. */
  async #dial(
    route: SiteRoute,
    { host, address }: Target,
    source: EgressSource,
    signal: AbortSignal,
  ): Promise<DialResult> {
    const dial: Dial = {
      host,
      address,
      port: route.port,
      localAddress: source.localAddress,
      ehloName: source.ehloName,
      tls: this.#tlsFor(route, host),
      timeouts: this.#options.timeouts ?? clientTimeouts,
      limits: this.#options.limits ?? clientLimits,
      wheel: this.#options.wheel,
      clock: this.#options.clock,
      signal,
    }
    const result = await connectSession(dial)
    if (result.kind === 'connected' || !result.tlsBroken || dial.tls !== 'opportunistic')
      return result
    this.#brokenTls.remember(host, route.port)
    return connectSession({ ...dial, tls: 'none' })
  }

  #tlsFor(route: SiteRoute, host: string): Dial['tls'] {
    if (route.tls === 'never') return 'none'
    if (route.tls === 'required') return 'required'
    return this.#brokenTls.isBroken(host, route.port) ? 'none' : 'opportunistic'
  }

  #failed(failures: readonly DialFailure[]): ConnectFailure {
    const last = failures.at(-1)
    if (last === undefined) throw new RangeError('at least one host was tried')
    const { replyTextKept } = this.#options.limits ?? clientLimits
    return {
      kind: 'failed',
      stage: last.stage,
      reply: keptReply(withAllTried(failures, last), replyTextKept),
      facts: { mx: last.mx, tls: null, conversation: last.conversation, transmitMs: 0 },
    }
  }
}

function withAllTried(failures: readonly DialFailure[], last: DialFailure): Reply {
  if (failures.length === 1) return last.reply
  const tried = failures.map(({ mx, reply }) => `${mx}: ${formatReply(reply)}`)
  return { ...last.reply, text: `${last.reply.text} (tried ${tried.join('; ')})` }
}
