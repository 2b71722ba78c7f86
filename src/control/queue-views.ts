// SPDX-License-Identifier: Apache-2.0
/** What waits, where, and for what: the queue list and the inside of one queue, for people and scripts. */
import type { Instant } from '../base/brand.ts'
import type { Clock } from '../base/clock.ts'
import type { Dispatcher } from '../delivery/dispatcher.ts'
import type { SiteDelivery } from '../delivery/site-delivery.ts'
import { timestampOf } from '../events/event.ts'
import { formatReply } from '../protocol/reply.ts'
import type { PathState } from '../queue/egress-path.ts'
import { parseQueueName, type QueueName } from '../spool/queue-name.ts'
import type { Spool } from '../spool/spool.ts'

export interface QueueRow {
  readonly queue: string
  readonly tenant: string
  readonly stream: string
  readonly campaign: string | null
  readonly domain: string
  /** In the index, for their time or for room. */
  readonly waiting: number
  /** In the window of a ready queue. */
  readonly ready: number
  /** In the hands of a connection. */
  readonly inFlight: number
  readonly nextDueAt: string | null
  readonly isSuspended: boolean
  /** What it waits for, in words. */
  readonly because: string
}

export interface SiteRow {
  readonly site: string
  readonly pool: string
  readonly ready: number
  readonly connections: number
  readonly paths: readonly { readonly source: string; readonly state: PathState }[]
}

export interface WaitingRow {
  readonly messageId: string
  readonly recipient: string
  readonly attempts: number
  readonly dueAt: string
  readonly expiresAt: string
  readonly lastReply: string | null
}

/** What is known of a queue, from the index, the windows and the connections. */
interface QueueParts {
  waiting: number
  nextDueAt: Instant | null
  ready: number
  inFlight: number
  site: SiteDelivery | null
}

export class QueueViews {
  readonly #spool: Spool
  readonly #dispatcher: Dispatcher
  readonly #clock: Clock

  constructor(spool: Spool, dispatcher: Dispatcher, clock: Clock) {
    this.#spool = spool
    this.#dispatcher = dispatcher
    this.#clock = clock
  }

  list(): readonly QueueRow[] {
    const parts = new Map<string, QueueParts>()
    const partsOf = (queue: string): QueueParts => {
      const known = parts.get(queue) ?? {
        waiting: 0,
        nextDueAt: null,
        ready: 0,
        inFlight: 0,
        site: null,
      }
      parts.set(queue, known)
      return known
    }
    for (const { queue, waiting, nextDueAt } of this.#spool.waiting())
      Object.assign(partsOf(queue), { waiting, nextDueAt })
    for (const site of this.#dispatcher.sites.atWork) {
      for (const { queue } of site.ready) {
        partsOf(queue).ready++
        partsOf(queue).site = site
      }
      for (const [queue, count] of site.inFlight) partsOf(queue).inFlight += count
    }
    return [...parts.keys()].sort().map((queue) => this.#row(queue, partsOf(queue)))
  }

  sites(): readonly SiteRow[] {
    const { sites } = this.#dispatcher
    const atWork = new Map([...sites.atWork].map((site) => [site.paths, site]))
    return [...sites.paths()].map((paths) => ({
      site: paths.site,
      pool: paths.pool,
      ready: atWork.get(paths)?.ready.size ?? 0,
      connections: atWork.get(paths)?.connectionCount ?? 0,
      paths: [...paths].map(({ path, state }) => ({ source: path.source, state })),
    }))
  }

  /** The first `limit` recipients of a queue: those in the window, then those in the index. */
  async show(queue: QueueName, limit: number): Promise<readonly WaitingRow[]> {
    const inWindow = [...this.#dispatcher.sites.atWork]
      .flatMap((site) => [...site.ready])
      .filter((recipient) => recipient.queue === queue)
      .map(({ waiting }) => waiting)
    const inIndex = await this.#spool.peek(queue, limit)
    return [...inWindow, ...inIndex].slice(0, limit).map((waiting) => ({
      messageId: waiting.message.id,
      recipient: waiting.message.envelope.recipients[waiting.index]?.forwardPath ?? '',
      attempts: waiting.attempts,
      dueAt: timestampOf(waiting.dueAt),
      expiresAt: timestampOf(waiting.message.expiresAt),
      lastReply: waiting.lastAttempt && formatReply(waiting.lastAttempt.reply),
    }))
  }

  #row(queue: string, inParts: QueueParts): QueueRow {
    const parts = parseQueueName(queue)
    return {
      queue,
      tenant: parts?.tenant ?? '',
      stream: parts?.stream ?? '',
      campaign: parts?.campaign ?? null,
      domain: parts?.domain ?? '',
      waiting: inParts.waiting,
      ready: inParts.ready,
      inFlight: inParts.inFlight,
      nextDueAt: inParts.nextDueAt && timestampOf(inParts.nextDueAt),
      isSuspended: this.#dispatcher.isSuspended(queue),
      because: this.#because(queue as QueueName, inParts),
    }
  }

  #because(queue: QueueName, { waiting, ready, nextDueAt, site: window }: QueueParts): string {
    if (this.#dispatcher.isSuspended(queue)) return 'suspended'
    if (waiting + ready === 0) return 'its answer'
    const paths = window?.paths ?? this.#dispatcher.pathsOf(queue)
    const resting = [...(paths ?? [])].find(({ state }) => state.kind !== 'open')?.state
    if (resting && !isOverBefore(resting, nextDueAt)) return pathInWords(resting)
    if (window)
      return window.connectionCount === 0
        ? 'a connection'
        : `its turn on ${window.connectionCount} connections`
    if (nextDueAt !== null && nextDueAt > this.#clock.now()) return 'its time'
    return 'room in the ready queue'
  }
}

/** Whether mail that is due at `dueAt` waits for its time rather than for the path. */
function isOverBefore(state: PathState, dueAt: Instant | null): boolean {
  return state.kind === 'backoff' && dueAt !== null && state.until < dueAt
}

/** What a path that is not open waits for. */
export function pathInWords(state: PathState): string {
  switch (state.kind) {
    case 'open':
      return 'open'
    case 'backoff':
      return `backoff until ${timestampOf(state.until)}: ${state.reason}`
    case 'probing':
      return `probing after: ${state.reason}`
    case 'suspended':
      return `suspended by ${state.by}: ${state.reason}`
    case 'draining':
      return 'draining'
  }
}
