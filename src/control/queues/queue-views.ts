// SPDX-License-Identifier: Apache-2.0
/** What waits, where, and for what: the queue list and the inside of one queue, for people and scripts. */
import { type DurationMs, type Instant, ms } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import { holdLimits } from '../../base/limits/hold-limits.ts'
import type { Dispatcher } from '../../delivery/dispatcher.ts'
import type { SiteDelivery } from '../../delivery/site/site-delivery.ts'
import { timestampOf } from '../../events/event.ts'
import type { EgressPathMachine, PathState } from '../../queue/egress-path.ts'
import { holdOf, NO_END } from '../../spool/message.ts'
import { parseQueueName, type QueueName, queueOf } from '../../spool/queue-name.ts'
import type { Spool } from '../../spool/spool.ts'
import { paceInWords } from './campaign-holds.ts'
import { limitsNow, type PathLimits, paceOf, waitInWords } from './limit-views.ts'
import { type WaitingRow, waitingRow } from './waiting-row.ts'

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
  /** Messages a second that the limits of its site let through; `null`: they do not say. */
  readonly pace: number | null
}

/** How long what waits and is ready takes at its pace; `null`: as fast as it goes. */
export function emptyIn({ pace, ready, waiting }: QueueRow): DurationMs | null {
  return pace === null || pace === 0 ? null : ms((1_000 * (ready + waiting)) / pace)
}

export interface SiteRow {
  readonly site: string
  readonly pool: string
  readonly ready: number
  readonly connections: number
  readonly paths: readonly {
    readonly source: string
    readonly state: PathState
    /** `null` while nothing is in hand there. */
    readonly shaping: PathLimits | null
  }[]
}

/** What is known of a queue, from the index, the windows and the connections. */
export interface QueueParts {
  waiting: number
  nextDueAt: Instant | null
  ready: number
  inFlight: number
  site: SiteDelivery | null
}

const NOTHING: QueueParts = { waiting: 0, nextDueAt: null, ready: 0, inFlight: 0, site: null }
const NOBODY_GLAD =
  'a source that is known there: those who are ready have not engaged for long, and a new one is kept from them'
/** Queues between two turns of the event loop: some milliseconds. */
const LOOKED_AT_ONCE = 1_000

export class QueueViews {
  readonly #spool: Spool
  readonly #dispatcher: Dispatcher
  readonly #clock: Clock

  constructor(spool: Spool, dispatcher: Dispatcher, clock: Clock) {
    this.#spool = spool
    this.#dispatcher = dispatcher
    this.#clock = clock
  }

  /** The `limit` queues with most recipients, by name; of one tenant, or of all (`null`). */
  async list(
    limit: number,
    tenant: string | null,
  ): Promise<{ readonly queues: readonly QueueRow[]; isWhole: boolean }> {
    let largest: { readonly queue: string; readonly parts: QueueParts }[] = []
    let count = 0
    const trim = () => {
      largest.sort((one, other) => sizeOf(other.parts) - sizeOf(one.parts))
      largest = largest.slice(0, limit)
    }
    await this.each((queue, parts) => {
      if (tenant !== null && parseQueueName(queue)?.tenant !== tenant) return
      count++
      largest.push({ queue, parts })
      if (largest.length >= 2 * limit) trim()
    })
    trim()
    const queues = largest.map(({ queue, parts }) => this.row(queue, parts)).sort(byName)
    return { queues, isWhole: count <= limit }
  }

  /** All that `isWanted` names, by name; and the names of the others, where there are none. */
  async matching(isWanted: (queue: string) => boolean): Promise<{
    readonly queues: readonly QueueRow[]
    readonly others: readonly string[]
  }> {
    const queues: QueueRow[] = []
    let others: string[] = []
    await this.each((queue, parts) => {
      if (isWanted(queue)) queues.push(this.row(queue, parts))
      else if (queues.length === 0) others.push(queue)
      else others = []
    })
    return { queues: queues.sort(byName), others }
  }

  /** The first `limit` sites, those with mail in hand before those that rest. */
  sites(limit: number): readonly SiteRow[] {
    const { sites } = this.#dispatcher
    const atWork = new Map([...sites.atWork].map((site) => [site.paths, site]))
    return [...sites.paths().take(limit)].map((paths) => ({
      site: paths.site,
      pool: paths.pool,
      ready: atWork.get(paths)?.ready.size ?? 0,
      connections: atWork.get(paths)?.connectionCount ?? 0,
      paths: [...paths].map((machine) => ({
        source: machine.path.source,
        state: machine.state,
        shaping: this.#limitsOf(atWork.get(paths), machine),
      })),
    }))
  }

  /** The first `limit` recipients of a queue: those that are held, for they need a decision, those in the window, and those in the index. */
  async show(queue: QueueName, limit: number): Promise<readonly WaitingRow[]> {
    const held = await this.#heldIn(queue, Math.ceil(limit / 2))
    const inWindow = [...this.#dispatcher.sites.atWork]
      .flatMap((site) => [...site.ready])
      .filter((recipient) => recipient.queue === queue)
      .map(({ waiting }) => waiting)
    const others = [...inWindow, ...(await this.#spool.peek(queue, limit))]
    return [...held, ...others.map((one) => waitingRow(one, null))].slice(0, limit)
  }

  /** Among the first `holdLimits.looked` held recipients of all queues. */
  async #heldIn(queue: QueueName, limit: number): Promise<readonly WaitingRow[]> {
    const found: WaitingRow[] = []
    let looked = 0
    for await (const waiting of this.#spool.held()) {
      if (++looked > holdLimits.looked || found.length === limit) break
      if (queueOf(waiting.message, waiting.index) === queue)
        found.push(waitingRow(waiting, holdOf(waiting)?.why ?? null))
    }
    return found
  }

  /** Every queue with somebody in it, once; others get their turn of the event loop meanwhile. */
  async each(visit: (queue: string, parts: QueueParts) => void): Promise<void> {
    const inHand = this.#inHand()
    let looked = 0
    for (const { queue, waiting, nextDueAt } of this.#spool.waiting()) {
      visit(queue, { ...(inHand.get(queue) ?? NOTHING), waiting, nextDueAt })
      inHand.delete(queue)
      if (++looked % LOOKED_AT_ONCE === 0) await this.#clock.sleep(ms(0))
    }
    for (const [queue, parts] of inHand) visit(queue, parts)
  }

  /** Queues with recipients in a window or on a connection. */
  #inHand(): Map<string, QueueParts> {
    const parts = new Map<string, QueueParts>()
    const partsOf = (queue: string): QueueParts => {
      const known = parts.get(queue) ?? { ...NOTHING }
      parts.set(queue, known)
      return known
    }
    for (const site of this.#dispatcher.sites.atWork) {
      for (const { queue } of site.ready) {
        partsOf(queue).ready++
        partsOf(queue).site = site
      }
      for (const [queue, count] of site.inFlight.byQueue) partsOf(queue).inFlight += count
    }
    return parts
  }

  row(queue: string, inParts: QueueParts): QueueRow {
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
      isSuspended: this.#dispatcher.whyStopped(queue) !== null,
      because: this.#because(queue as QueueName, inParts),
      pace: inParts.site && paceOf(inParts.site.shaping, inParts.site.ready.gate?.waitOf(queue)),
    }
  }

  #limitsOf(site: SiteDelivery | undefined, path: EgressPathMachine): PathLimits | null {
    return site ? limitsNow(site.shaping.of(path), site.ready.size, this.#clock) : null
  }

  /** The limit that all paths wait for which mail of the queue may go by. */
  #boundBy(site: SiteDelivery, queue: QueueName): string | null {
    const ways = site.shaping.waysOf(queue)
    const views = ways.map((path) => this.#limitsOf(site, path))
    const [first] = views
    if (!first?.binds || views.some((view) => !view?.binds)) return null
    const until = first.until === null ? '' : `, again at ${first.until}`
    const isKept = ways.length < site.paths.size
    const from = first.bindsFrom === null ? '' : ` (${first.bindsFrom})`
    return `${first.binds}${from}${until}${isKept ? '; its stream waits for its own pool' : ''}`
  }

  #because(queue: QueueName, { waiting, ready, nextDueAt, site: window }: QueueParts): string {
    const stopped = this.#dispatcher.whyStopped(queue)
    if (stopped !== null) return stopped
    if (waiting + ready === 0) return 'its answer'
    const paths = window?.paths ?? this.#dispatcher.pathsOf(queue)
    const resting = restingState(paths ?? [])
    if (resting && !isOverBefore(resting, nextDueAt)) return pathInWords(resting)
    const slowed = window?.ready.gate?.waitOf(queue) ?? null
    if (slowed !== null) return waitInWords(slowed, this.#clock)
    if (window?.shaping.cold?.isForNobodyGlad(queue)) return NOBODY_GLAD
    const bound = window && this.#boundBy(window, queue)
    if (bound) return bound
    if (window)
      return window.connectionCount === 0
        ? 'a connection'
        : `its turn on ${window.connectionCount} connections`
    if (nextDueAt !== null && nextDueAt >= NO_END) return 'a decision: its mail is held'
    if (nextDueAt !== null && nextDueAt > this.#clock.now()) return 'its time'
    const pace = this.#dispatcher.campaigns.ofQueue(queue)?.pace ?? null
    if (pace !== null) return paceInWords(pace)
    return 'room in the ready queue'
  }
}

function sizeOf({ waiting, ready, inFlight }: QueueParts): number {
  return waiting + ready + inFlight
}

function byName(one: QueueRow, other: QueueRow): number {
  return one.queue < other.queue ? -1 : 1
}

/** A path that is not open; one that is stopped keeps mail only where there is no other. */
function restingState(paths: Iterable<EgressPathMachine>): PathState | null {
  const states = Array.from(paths, ({ state }) => state)
  const going = states.filter(({ kind }) => kind !== 'suspended')
  return (going.length === 0 ? states : going).find(({ kind }) => kind !== 'open') ?? null
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
