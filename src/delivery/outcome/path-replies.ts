// SPDX-License-Identifier: Apache-2.0
/**
 * What the receiver of one path says of how much it gets, told on to what is learned from it. A reply to something that was sent before the
 * last complaint says nothing new; a second complaint with nothing delivered in between says that less is not enough.
 */
import { type DurationMs, ms } from '../../base/brand.ts'
import { shapingLimits } from '../../base/limits/shaping-limits.ts'
import { type Complaint, complaintOf } from '../../protocol/classify/complaint.ts'
import { formatReply, isTransient, type Reply } from '../../protocol/reply.ts'
import type { EgressPath } from '../../queue/egress.ts'
import type { Aspect } from '../../queue/shaping/lesson.ts'
import {
  type Flow,
  keyOf,
  type Lessons,
  perMinute,
  type RuleLimits,
  Traffic,
  type Whom,
} from '../../queue/shaping/lessons.ts'
import type { EffectiveLimits } from '../../queue/shaping/rules.ts'
import type { QueueName } from '../../spool/queue-name.ts'
import type { ConnectFailure } from '../routing/connect-hosts.ts'
import { diagnose } from './diagnose.ts'
import { RecentSenders } from './recent-senders.ts'

/** What is known beside the complaint. */
export interface Situation {
  /** Monotonic. */
  readonly now: DurationMs
  /** When that was sent which was complained of; monotonic. */
  readonly sentAt: number
  readonly words: string
  /** Connections that were made, or messages that went through one; `null`: nothing is known. */
  readonly proven: number | null
}

/** `slower`: less goes from now on. `known`: it was said before. `enough`: the path rests as well. */
export type Verdict = 'slower' | 'known' | 'enough'

const ONE_A_MINUTE = 1

const TOO_MANY: Complaint = { of: 'connections', whom: 'path' }

export class PathReplies {
  readonly key: string
  readonly #path: EgressPath
  readonly #whom: Whom
  readonly #lessons: Lessons
  readonly #limits: () => EffectiveLimits
  readonly #traffic = new Traffic()
  readonly #senders = new RecentSenders()
  /** Of the last complaint; monotonic. */
  #toldAt = Number.NEGATIVE_INFINITY
  #hasDelivered = true
  /** Of the last complaint about a tenant or campaign, by key; monotonic. Made with the first. */
  #flowsToldAt: Map<string, number> | null = null

  constructor(path: EgressPath, lessons: Lessons, limits: () => EffectiveLimits) {
    this.#path = path
    this.#whom = { kind: 'path', source: path.source, site: path.site }
    this.key = keyOf(this.#whom)
    this.#lessons = lessons
    this.#limits = limits
  }

  /** A transaction went, sent at `sentAt`; `isDelivered`: to somebody. */
  carried(now: DurationMs, sentAt: number, isDelivered: boolean, queue: QueueName): void {
    this.#traffic.carried(now)
    this.#senders.carried(queue)
    if (!isDelivered || sentAt < this.#toldAt) return
    this.#hasDelivered = true
    if (this.#lessons.of(this.key) === null) return
    this.#lessons.hear({
      kind: 'success',
      whom: this.#whom,
      count: 1,
      limits: this.#limitsOfRules(),
    })
  }

  /** The provider, or the site where it has none. */
  get place(): string {
    return this.#limits().provider ?? this.#path.site
  }

  /** A transaction of these went well. */
  carriedOf(flows: readonly Flow[], sentAt: number): void {
    for (const whom of flows) {
      const key = keyOf(whom)
      if (this.#lessons.of(key) === null || sentAt < this.#flowToldAt(key)) continue
      this.#lessons.hear({ kind: 'success', whom, count: 1, limits: {} })
    }
  }

  /**
   * Of one tenant's mail, or one campaign's: the path is everybody's, so what counts is their part in what went over it. Where nothing
   * went for a minute, the one that is complained of is all that did.
   */
  complainOf(whom: Flow, { now, sentAt, words }: Omit<Situation, 'proven'>): void {
    const key = keyOf(whom)
    if (sentAt < this.#flowToldAt(key)) return
    this.#flowsToldAt ??= new Map()
    this.#flowsToldAt.set(key, now)
    forgetFirst(this.#flowsToldAt, shapingLimits.flowsOfPath)
    const observed = (this.#traffic.perMinute(now) ?? ONE_A_MINUTE) * this.#senders.partOf(whom)
    this.#lessons.hear({
      ...{ kind: 'complaint', whom, aspect: 'messageRate', age: ms(now - sentAt) },
      heard: { limit: null, observed, proven: null },
      words: words.slice(0, shapingLimits.complaintCharacters),
    })
  }

  #flowToldAt(key: string): number {
    return this.#flowsToldAt?.get(key) ?? Number.NEGATIVE_INFINITY
  }

  complain({ of, whom }: Complaint, situation: Situation): Verdict {
    const { now, proven, sentAt, words } = situation
    // Of one tenant's mail: the path is everybody's.
    if (sentAt < this.#toldAt || whom !== 'path') return 'known'
    const isRepeated = !this.#hasDelivered
    this.#toldAt = now
    this.#hasDelivered = false
    this.#lessons.hear({
      kind: 'complaint',
      whom: this.#whom,
      aspect: of,
      heard: {
        limit: this.#limitsOfRules()[of] ?? null,
        observed: of === 'messageRate' ? this.#traffic.perMinute(now) : oneMore(proven),
        proven: of === 'messageRate' ? null : proven,
      },
      words: words.slice(0, shapingLimits.complaintCharacters),
    })
    return isRepeated ? 'enough' : 'slower'
  }

  /** 4yz instead of a greeting, while `others` work: most receivers that allow so many connections say so here. `null`: it is not that. */
  atGreeting(
    { facts, reply, stage }: ConnectFailure,
    others: number,
    now: DurationMs,
    sentAt: DurationMs,
  ): Verdict | null {
    if (stage !== 'greeting' || !isTransient(reply) || others <= 0) return null
    const said = complaintOf(diagnose(reply, 'connect', facts?.mx ?? null), reply.text)
    const complaint = said ?? TOO_MANY
    const proven = complaint.of === 'connections' ? others : null
    return this.complain(complaint, { now, sentAt, words: inOneLine(reply), proven })
  }

  #limitsOfRules(): RuleLimits {
    const { connections, messageRate, messagesPerConnection } = this.#limits().settings
    const rate = messageRate?.value
    return {
      messageRate: rate == null ? null : perMinute(rate),
      connections: connections?.value ?? null,
      messagesPerConnection: messagesPerConnection?.value ?? null,
    } satisfies Record<Aspect, number | null>
  }
}

/** The oldest goes where there are more than `most`. */
function forgetFirst(map: Map<string, number>, most: number): void {
  if (map.size <= most) return
  for (const key of map.keys()) {
    map.delete(key)
    return
  }
}

/** What was one too many. */
function oneMore(proven: number | null): number | null {
  return proven === null ? null : proven + 1
}

/** As people read it. */
export function inOneLine(said: Reply): string {
  return formatReply(said).replace(/\s+/g, ' ')
}
