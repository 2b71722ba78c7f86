// SPDX-License-Identifier: Apache-2.0
/**
 * From a site to a session: its hosts in order, until one greets us (RFC 5321 §5.1); of the addresses of one host whichever answers
 * first, hosts never against each other, for their order is their owner's wish. A host that refuses at the greeting or at EHLO,
 * also with 5yz, is passed over as one that does not answer: another one may take the mail.
 *
 * What an attempt learns about a host, all later ones know: which rest and are tried last, which cannot do what they offer.
 */

import type { AbortSet } from '../../base/abort-set.ts'
import type { Clock } from '../../base/clock.ts'
import type { DeadlineWheel } from '../../base/deadline-wheel.ts'
import { clientLimits } from '../../base/limits/limits.ts'
import type { Speaker } from '../../events/event.ts'
import { formatReply, isPermanent, type Reply, reply } from '../../protocol/reply.ts'
import type { EgressSource, Family } from '../../queue/egress.ts'
import type { Timeouts } from '../../queue/shaping/timeouts.ts'
import { type ClientConnection, type Dial, peerName } from '../../smtp/client-connection.ts'
import { keptReply } from '../../smtp/client-conversation.ts'
import {
  connectSession,
  type DialFailure,
  type DialResult,
  sessionOver,
  unanswered,
} from '../../smtp/client-dial.ts'
import type { LostTransaction } from '../../smtp/client-exchange.ts'
import type { ClientSession } from '../../smtp/client-session.ts'
import { ClientTls } from '../../smtp/client-tls.ts'
import { firstToAnswer, type SpareCalls } from '../../smtp/connection-race.ts'
import { hopName } from '../../smtp/hop.ts'
import type { TransactionFacts } from '../outcome/outcome.ts'
import { HostFlaws } from './host-flaws.ts'
import { HostRests } from './host-rests.ts'
import type { SiteRoute } from './routing.ts'
import { resolveHosts, type Target, type TargetsContext } from './routing-targets.ts'

export interface ConnectFailure {
  readonly kind: 'failed'
  /**
   * `resolve`: no host has an address for us. `family`: for another source of the pool one has. Else how far the last host
   * let us come.
   */
  readonly stage: DialFailure['stage'] | 'resolve' | 'family'
  /** Of the last host; the text names every host that was tried. */
  readonly reply: Reply
  readonly said: Speaker
  /** `null` where no host was tried. */
  readonly facts: TransactionFacts | null
}

export type ConnectResult =
  | { readonly kind: 'connected'; readonly session: ClientSession }
  | ConnectFailure

/** Whom one attempt calls, and how. */
export interface Call {
  readonly route: SiteRoute
  readonly source: EgressSource
  /** Of all sources that the site's mail may take. */
  readonly families: readonly Family[]
  readonly timeouts: Timeouts
  /** Ends it at once. */
  readonly abort: AbortSet
}

export interface HostConnectorOptions extends TargetsContext {
  readonly clock: Clock
  readonly wheel: DeadlineWheel
  readonly spareCalls: SpareCalls
  readonly limits?: Dial['limits']
  /** PEM of certificate authorities that are trusted beside those that Node trusts. */
  readonly authorities?: string | null
}

export class HostConnector {
  readonly #options: HostConnectorOptions
  readonly #security: ClientTls
  readonly #flaws: HostFlaws
  readonly #rests: HostRests

  constructor(options: HostConnectorOptions) {
    this.#options = options
    this.#security = new ClientTls(options.clock, options.authorities ?? null)
    this.#flaws = new HostFlaws(options.clock)
    this.#rests = new HostRests(options.clock)
  }

  /** Never rejects. */
  async connect(call: Call): Promise<ConnectResult> {
    const { abort, families, route, source } = call
    const found = await resolveHosts(route, families, this.#options)
    if (found.kind !== 'found')
      return { kind: 'failed', stage: 'resolve', reply: found.reply, said: 'us', facts: null }
    const reachable = found.targets.filter(({ family }) => source.families.includes(family))
    if (reachable.length === 0) return noAddressFor(source)
    const failures: DialFailure[] = []
    const latest = this.#options.clock.monotonic() + clientLimits.hostsPerAttemptMs
    for (const dials of this.#inOrder(reachable, call)) {
      const session = await this.#toHost(dials, latest, failures)
      if (session !== null) return { kind: 'connected', session }
      // By the same proxy no other host is reached either.
      if (failures.at(-1)?.stage === 'hop' || this.#isOver(abort, latest)) break
    }
    return this.#failed(failures)
  }

  /** What a lost transaction says about its host: one that drops commands of a group gives too few replies, or wrong ones. */
  learn(session: ClientSession, { cause, stage }: LostTransaction): void {
    const isOutOfStep = cause === 'time-out' || cause === 'nonsense'
    if (!session.extensions.pipelining || !isOutOfStep) return
    if (stage === 'rcpt' || stage === 'data') this.#flaws.remember('pipelining', session.name)
  }

  #isOver(abort: AbortSet, latest: number): boolean {
    return abort.isAborted || this.#options.clock.monotonic() >= latest
  }

  /** By host. Addresses that rest come last, for they may have recovered when no other works. */
  #inOrder(targets: readonly Target[], call: Call): readonly (readonly Dial[])[] {
    const first: Dial[] = []
    const last: Dial[] = []
    for (const target of targets) {
      const dial = this.#dialTo(target, call)
      const isResting = targets.length > 1 && this.#rests.isResting(restKey(dial))
      if (isResting) last.push(dial)
      else first.push(dial)
    }
    return [...byHost(first), ...byHost(last)]
  }

  #dialTo({ host, address }: Target, { abort, route, source, timeouts }: Call): Dial {
    return {
      host,
      address,
      port: route.port,
      localAddress: source.localAddress,
      hop: source.hop,
      ehloName: source.ehloName,
      tls: route.tls,
      tlsNames: route.tlsNames,
      security: this.#security,
      mayPipeline: true,
      timeouts,
      limits: this.#options.limits ?? clientLimits,
      wheel: this.#options.wheel,
      clock: this.#options.clock,
      abort,
    }
  }

  /** By whichever address takes us; those that were overtaken are called again where the one that was faster does not. */
  async #toHost(
    dials: readonly Dial[],
    latest: number,
    failures: DialFailure[],
  ): Promise<ClientSession | null> {
    let untried = dials.map((dial) => this.#asKnown(dial))
    while (untried.length > 0) {
      const { winner, losses, overtaken } = await firstToAnswer(untried, this.#options.spareCalls)
      for (const { dial, loss } of losses) {
        this.#learnFrom(dial, unanswered(dial, loss))
        failures.push(unanswered(dial, loss))
      }
      for (const dial of overtaken) this.#rests.failed(restKey(dial))
      if (winner === null) return null
      const result = await this.#session(winner)
      this.#learnFrom(winner.dial, result)
      if (result.kind === 'connected') return result.session
      failures.push(result)
      if (this.#isOver(winner.dial.abort, latest)) return null
      const tried = new Set([winner.dial, ...losses.map(({ dial }) => dial)])
      untried = untried.filter((dial) => !tried.has(dial))
    }
    return null
  }

  /** A failure before the greeting, or one for good, is the host's; a 4yz says that it works. */
  #learnFrom(dial: Dial, result: DialResult): void {
    if (result.kind === 'connected') this.#rests.worked(restKey(dial))
    else if (result.stage === 'hop') return
    else if (!dial.abort.isAborted && (result.said === 'us' || isPermanent(result.reply)))
      this.#rests.failed(restKey(dial))
  }

  #asKnown(asked: Dial): Dial {
    const name = peerName(asked)
    const isTlsBroken = asked.tls === 'opportunistic' && this.#flaws.has('tls', name)
    return {
      ...asked,
      tls: isTlsBroken ? 'none' : asked.tls,
      mayPipeline: !this.#flaws.has('pipelining', name),
    }
  }

  /** Past a TLS session that does not work any more; where STARTTLS itself is broken, in the clear if that may be. */
  async #session(connection: ClientConnection): Promise<DialResult> {
    const { dial } = connection
    let result = await sessionOver(connection)
    if (result.kind === 'failed' && result.tlsBroken && result.tlsResumed) {
      this.#security.forget(dial)
      result = await connectSession(dial)
    }
    if (result.kind === 'connected' || !result.tlsBroken || dial.tls !== 'opportunistic')
      return result
    this.#flaws.remember('tls', peerName(dial))
    return connectSession({ ...dial, tls: 'none' })
  }

  #failed(failures: readonly DialFailure[]): ConnectFailure {
    const last = failures.at(-1)
    if (last === undefined) throw new RangeError('at least one host was tried')
    const { replyTextKept } = this.#options.limits ?? clientLimits
    return {
      kind: 'failed',
      stage: last.stage,
      reply: keptReply(withAllTried(failures, last), replyTextKept),
      said: last.said,
      facts: {
        mx: last.mx,
        tls: null,
        offersDsn: false,
        conversation: last.conversation,
        transmitMs: 0,
      },
    }
  }
}

/** Neighbours of one host. */
function byHost(dials: readonly Dial[]): Dial[][] {
  const groups: Dial[][] = []
  for (const dial of dials) {
    const group = groups.at(-1)
    if (group?.[0]?.host === dial.host) group.push(dial)
    else groups.push([dial])
  }
  return groups
}

function noAddressFor({ families }: EgressSource): ConnectFailure {
  const wanted = families.map((family) => `IPv${family}`).join(' or ')
  return {
    kind: 'failed',
    stage: 'family',
    reply: reply(451, '4.4.4', `No mail host has an ${wanted} address`),
    said: 'us',
    facts: null,
  }
}

/** By our address too: what a host thinks of one says nothing about another. */
function restKey(dial: Dial): string {
  const hop = dial.hop === null ? '' : hopName(dial.hop)
  return `${dial.localAddress ?? ''} ${hop} ${peerName(dial)}`
}

function withAllTried(failures: readonly DialFailure[], last: DialFailure): Reply {
  if (failures.length === 1) return last.reply
  const tried = failures.map(({ mx, reply }) => `${mx}: ${formatReply(reply)}`)
  return { ...last.reply, text: `${last.reply.text} (tried ${tried.join('; ')})` }
}
