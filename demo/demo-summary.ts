// SPDX-License-Identifier: Apache-2.0
/** The numbers of the demo, counted in recipients. */
import { formatReply } from '../src/protocol/reply.ts'
import type { MailBook, MailEntry } from './mail-book.ts'
import { type DemoProvider, providers } from './providers.ts'

export interface Counts {
  readonly accepted: number
  /** By the providers' own count. */
  readonly delivered: number
  readonly bounced: number
  readonly expired: number
  readonly suppressed: number
  readonly waiting: number
  /** Accepted, and now nowhere. */
  readonly lost: number
  /** At least once. */
  readonly deferred: number
  /** Delivered with an RSA and an Ed25519 signature that verify. */
  readonly signed: number
}

const nothing: Counts = {
  accepted: 0,
  delivered: 0,
  bounced: 0,
  expired: 0,
  suppressed: 0,
  waiting: 0,
  lost: 0,
  deferred: 0,
  signed: 0,
}

export interface ProviderSummary extends Counts {
  readonly name: string
  readonly manner: string
  /** Taken more than once. */
  readonly duplicates: number
  /** Time from the relay's 250 until the provider's, of delivered mail. */
  readonly medianSeconds: number | null
  readonly p99Seconds: number | null
}

export interface DemoSummary extends Counts {
  readonly seconds: number
  readonly providers: readonly ProviderSummary[]
}

/** How many recipients the relay says that it has. */
export interface KeptCounts {
  /** In queues, by domain. */
  readonly domains: ReadonlyMap<string, number>
  /** Connections, each with at most one in flight, by site. */
  readonly sites: ReadonlyMap<string, number>
}

/** `kept`: once it matters; what the relay has neither ended nor kept is lost. */
export function summarise(book: MailBook, kept: KeptCounts | null, elapsedMs: number): DemoSummary {
  const rows = providers.map((provider) => summaryOf(provider, book.of(provider), kept))
  return {
    ...countsOf(book.entries),
    waiting: rows.reduce((sum, row) => sum + row.waiting, 0),
    lost: rows.reduce((sum, row) => sum + row.lost, 0),
    seconds: Math.round(elapsedMs / 100) / 10,
    providers: rows,
  }
}

/** How often each reason was given for a bounce, the most frequent first. */
export function bounceReasons(
  book: MailBook,
): readonly (readonly [reason: string, count: number])[] {
  const counts = new Map<string, number>()
  for (const { bounceReply, message } of book.entries) {
    if (!bounceReply) continue
    const reason = formatReply(bounceReply)
      .replaceAll(addressOf(message.to), '…')
      .replaceAll(domainOf(message.to), '…')
    counts.set(reason, (counts.get(reason) ?? 0) + 1)
  }
  return [...counts].toSorted(([, a], [, b]) => b - a)
}

function summaryOf(
  { name, manner, domains, mxHost }: DemoProvider,
  entries: readonly MailEntry[],
  kept: KeptCounts | null,
): ProviderSummary {
  const times = entries
    .flatMap(({ timeToDeliverMs }) => timeToDeliverMs ?? [])
    .toSorted((a, b) => a - b)
  const counts = countsOf(entries)
  const inQueues = domains.reduce((sum, domain) => sum + (kept?.domains.get(domain) ?? 0), 0)
  const inFlight = kept?.sites.get(mxHost) ?? 0
  const missing = kept === null ? 0 : Math.max(0, counts.waiting - inQueues - inFlight)
  return {
    name,
    manner,
    ...counts,
    waiting: counts.waiting - missing,
    lost: counts.lost + missing,
    duplicates: entries.reduce((sum, { arrivals }) => sum + Math.max(0, arrivals - 1), 0),
    medianSeconds: quantileSeconds(times, 0.5),
    p99Seconds: quantileSeconds(times, 0.99),
  }
}

function countsOf(entries: readonly MailEntry[]): Counts {
  const counts = { ...nothing }
  for (const entry of entries) {
    if (!entry.isAccepted) continue
    counts.accepted++
    counts[stateOf(entry)]++
    if (entry.deferrals > 0) counts.deferred++
    if (entry.arrivals > 0 && entry.verdict === '') counts.signed++
  }
  return counts
}

/** The provider's word comes first: what it has was delivered, what it has not was not. */
function stateOf({ arrivals, end }: MailEntry) {
  if (arrivals > 0) return 'delivered'
  if (end === 'delivered') return 'lost'
  return end ?? 'waiting'
}

function quantileSeconds(ascending: readonly number[], share: number): number | null {
  const found = ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * share))]
  return found === undefined ? null : Math.round(found) / 1_000
}

function addressOf(to: string): string {
  return /<(.*)>/.exec(to)?.[1] ?? to
}

function domainOf(to: string): string {
  const address = addressOf(to)
  return address.slice(address.lastIndexOf('@') + 1)
}
