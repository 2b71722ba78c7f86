// SPDX-License-Identifier: Apache-2.0
/** The pools that mail to a site goes from: those that streams' mail takes, and those with paths or waiting mail there. */
import { ms } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import type { Dispatcher } from '../../delivery/dispatcher.ts'
import type { Router, SiteRoute } from '../../delivery/routing/routing.ts'
import type { Domain } from '../../protocol/mailbox.ts'
import { DEFAULT_POOL } from '../../queue/egress-pool.ts'
import type { Directory } from '../../records/directory.ts'
import { unknownRecord } from '../../records/naming.ts'
import type { Slug } from '../../records/records.ts'
import { domainOfQueue, type QueueName, queueName } from '../../spool/queue-name.ts'
import type { Spool } from '../../spool/spool.ts'

/** Which mail is meant; `null`: of any tenant, of any stream, of no campaign. */
export interface MeantMail {
  readonly tenant: string | null
  readonly stream: string | null
  readonly campaign: string | null
}

export interface PoolRow {
  readonly pool: string
  /** Whose mail takes it, of that which is meant: `bulk:shop`, as queues are named; the first of them. */
  readonly streams: readonly string[]
  /** How many there are. */
  readonly streamCount: number
  /** Recipients that wait for the site by it, in windows too. */
  readonly waiting: number
}

export interface SitePoolsContext {
  readonly clock: Clock
  readonly directory: () => Directory
  readonly dispatcher: Dispatcher
  readonly router: Router
  readonly spool: Pick<Spool, 'waiting'>
}

const STREAMS_NAMED = 10
/** Queues between two turns of the event loop: some milliseconds. */
const LOOKED_AT_ONCE = 1_000

/**
 * At least one; those that most streams' mail takes first. Of this process. Throws `RLY_RECORD_UNKNOWN` where no tenant has such
 * a stream.
 */
export async function poolsToSite(
  context: SitePoolsContext,
  domain: Domain,
  route: SiteRoute,
  mail: MeantMail,
): Promise<readonly PoolRow[]> {
  const streams = takenBy(context, domain, route, mail)
  const waiting = await waitingFor(context, route)
  const known = [...context.dispatcher.sites.paths()].filter(({ site }) => site === route.site)
  const pools = new Set([...streams.keys(), ...waiting.keys(), ...known.map(({ pool }) => pool)])
  if (pools.size === 0) pools.add(route.pool ?? DEFAULT_POOL)
  return inOrder(
    [...pools].map((pool) => {
      const all = streams.get(pool) ?? []
      return {
        ...{ pool, streams: all.slice(0, STREAMS_NAMED), streamCount: all.length },
        waiting: waiting.get(pool) ?? 0,
      }
    }),
  )
}

/** Of several processes, which have the same records. */
export function mergePools(all: readonly (readonly PoolRow[])[]): readonly PoolRow[] {
  const merged = new Map<string, PoolRow>()
  for (const row of all.flat())
    merged.set(row.pool, { ...row, waiting: row.waiting + (merged.get(row.pool)?.waiting ?? 0) })
  return inOrder([...merged.values()])
}

function inOrder(rows: readonly PoolRow[]): readonly PoolRow[] {
  return rows.toSorted(
    (one, other) =>
      other.streamCount - one.streamCount ||
      other.waiting - one.waiting ||
      (one.pool < other.pool ? -1 : 1),
  )
}

/** The sandbox is of no stream: its own mail goes there, whoever's it is. */
function takenBy(
  { directory, dispatcher }: SitePoolsContext,
  domain: Domain,
  route: SiteRoute,
  { campaign, stream, tenant }: MeantMail,
): ReadonlyMap<string, readonly string[]> {
  const { streamsOf, tenants } = directory()
  const meant = tenant === null ? [...tenants.keys()] : [tenant as Slug]
  const all = meant.flatMap((each) => streamsOf(each).map(({ name }) => ({ tenant: each, name })))
  const found = all.filter(({ name }) => stream === null || name === stream)
  if (stream !== null && found.length === 0)
    throw unknownRecord('stream', stream, new Set(all.map(({ name }) => name)))
  const byPool = new Map<string, string[]>()
  if (route.pool !== null) return byPool
  for (const { name, tenant: whose } of found) {
    const queue = queueName({ stream: name, campaign, tenant: whose, domain })
    const pool = dispatcher.sites.poolOf(queue, route)
    const streams = byPool.get(pool)
    if (streams === undefined) byPool.set(pool, [`${name}:${whose}`])
    else streams.push(`${name}:${whose}`)
  }
  return byPool
}

/** As far as the ways of queues are known without asking. */
async function waitingFor(
  { clock, dispatcher, router, spool }: SitePoolsContext,
  { site }: SiteRoute,
): Promise<ReadonlyMap<string, number>> {
  const waiting = new Map<string, number>()
  const add = (pool: string, count: number) => {
    if (count > 0) waiting.set(pool, (waiting.get(pool) ?? 0) + count)
  }
  let looked = 0
  for (const { queue, waiting: count } of spool.waiting()) {
    if (++looked % LOOKED_AT_ONCE === 0) await clock.sleep(ms(0))
    const route = router.known(domainOfQueue(queue as QueueName))
    if (route?.kind === 'site' && route.site === site)
      add(dispatcher.sites.poolOf(queue as QueueName, route), count)
  }
  for (const { paths, ready } of dispatcher.sites.atWork)
    if (paths.site === site) add(paths.pool, ready.size)
  return waiting
}
