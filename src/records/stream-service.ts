// SPDX-License-Identifier: Apache-2.0
/** Streams: a tenant's kinds of mail. */
import type { DurationMs } from '../base/brand.ts'
import { RelayError } from '../base/errors.ts'
import { formatDuration } from '../base/quantity.ts'
import { alreadyThere, domainFor, listed, slugFor, unknownPool, unknownRecord } from './naming.ts'
import type { Stream } from './records.ts'
import type { RecordsContext } from './records-context.ts'
import type { Store } from './store.ts'
import { type RetrySchedules, usualStream } from './stream-defaults.ts'
import { reaches, type TenantScope } from './tenant-scope.ts'
import { tenantOf } from './tenant-service.ts'

/** What a person may choose. `null` leaves it to the kind's default, or as it is. */
export interface StreamChoices {
  readonly pool: string | null
  readonly priority: number | null
  readonly retryAfter: readonly DurationMs[] | null
  readonly expiresAfter: DurationMs | null
  readonly mayShareTransaction: boolean | null
  readonly sendsReports: boolean | null
  readonly eightBit: Stream['eightBit'] | null
  readonly longLines: Stream['longLines'] | null
  readonly fromDomains: readonly string[] | null
  readonly suppressesOn: Stream['suppressesOn'] | null
  readonly suppressionScope: Stream['suppressionScope'] | null
  readonly gate: Stream['gate'] | null
  readonly fullMailboxTimes: number | null
  readonly fullMailboxDays: number | null
  readonly addsUnsubscribe: boolean | null
  readonly tracks: Stream['tracks'] | null
  readonly forwardsReports: boolean | null
  readonly whenCold: Stream['whenCold'] | null
  readonly keepsFailed: DurationMs | null
  readonly isSandbox: boolean | null
}

/** What the configuration has, and streams may name. */
export interface StreamRules {
  readonly retry: RetrySchedules
  /** Names of pools; never empty. */
  readonly pools: readonly string[]
}

export interface NewStream extends StreamChoices {
  readonly name: string
  readonly kind: Stream['kind']
  /** Takes the place of the tenant's default stream. */
  readonly isDefault: boolean
}

export async function addStream(
  context: RecordsContext,
  scope: TenantScope,
  input: NewStream,
  { pools, retry }: StreamRules,
): Promise<Stream> {
  const name = slugFor('stream', input.name)
  return context.store.transaction(async (store) => {
    const tenant = await tenantOf(store, scope)
    const siblings = await streamsOf(store, tenant.id)
    if (siblings.some((sibling) => sibling.name === name))
      throw alreadyThere(`stream "${name}" of tenant "${tenant.id}"`)
    const usual = usualStream(
      { tenant: tenant.id, name, kind: input.kind },
      retry,
      context.clock.now(),
    )
    const stream = chosen({ ...usual, isDefault: input.isDefault }, input, pools)
    checkFromDomains(stream, siblings)
    await putStream(store, stream, siblings)
    return stream
  })
}

/** For mail that comes from here on. */
export async function changeStream(
  context: RecordsContext,
  scope: TenantScope,
  name: string,
  choices: StreamChoices & { readonly isDefault: true | null },
  { pools }: Pick<StreamRules, 'pools'>,
): Promise<Stream> {
  return context.store.transaction(async (store) => {
    const before = await showStream(store, scope, name)
    const isDefault = choices.isDefault ?? before.isDefault
    const stream = chosen({ ...before, isDefault }, choices, pools)
    const all = await streamsOf(store, stream.tenant)
    checkFromDomains(stream, all)
    await putStream(
      store,
      stream,
      all.filter((other) => other.name !== stream.name),
    )
    return stream
  })
}

/** A tenant has one default stream. */
async function putStream(store: Store, stream: Stream, siblings: readonly Stream[]): Promise<void> {
  for (const sibling of siblings)
    if (stream.isDefault && sibling.isDefault)
      await store.streams.put({ ...sibling, isDefault: false })
  await store.streams.put(stream)
}

export async function listStreams(store: Store, scope: TenantScope): Promise<readonly Stream[]> {
  return (await store.streams.list()).filter(({ tenant }) => reaches(scope, tenant))
}

export async function showStream(store: Store, scope: TenantScope, name: string): Promise<Stream> {
  const { id } = await tenantOf(store, scope)
  const streams = await streamsOf(store, id)
  const found = streams.find((stream) => stream.name === name.toLowerCase())
  if (found) return found
  throw unknownRecord(
    `stream of tenant "${id}" named`,
    name,
    streams.map((stream) => stream.name),
  )
}

export async function removeStream(
  context: RecordsContext,
  scope: TenantScope,
  name: string,
): Promise<Stream> {
  return context.store.transaction(async (store) => {
    const stream = await showStream(store, scope, name)
    if (stream.isDefault)
      throw new RelayError(
        'RLY_RECORD_IN_USE',
        `stream "${stream.name}" is the default of tenant "${stream.tenant}"; make another one the default first`,
      )
    const users = (await store.credentials.list()).filter(
      (credential) => credential.tenant === stream.tenant && credential.stream === stream.name,
    )
    if (users.length > 0)
      throw new RelayError(
        'RLY_RECORD_IN_USE',
        `stream "${stream.name}" is used by credentials ${listed(users.map(({ id }) => id))}; remove them first`,
      )
    const told = (await store.webhooks.list()).filter(
      (webhook) => webhook.tenant === stream.tenant && webhook.stream === stream.name,
    )
    if (told.length > 0)
      throw new RelayError(
        'RLY_RECORD_IN_USE',
        `stream "${stream.name}" is what webhooks ${listed(told.map(({ id }) => id))} tell of; remove them first`,
      )
    await store.streams.remove(stream.tenant, stream.name)
    return stream
  })
}

async function streamsOf(store: Store, tenant: string): Promise<readonly Stream[]> {
  return (await store.streams.list()).filter((stream) => stream.tenant === tenant)
}

function chosen(stream: Stream, choices: StreamChoices, pools: readonly string[]): Stream {
  if (choices.pool !== null && !pools.includes(choices.pool))
    throw invalid(unknownPool(choices.pool, pools))
  const changed: Stream = {
    ...stream,
    pool: choices.pool ?? stream.pool,
    priority: choices.priority ?? stream.priority,
    retryAfter: choices.retryAfter ?? stream.retryAfter,
    expiresAfter: choices.expiresAfter ?? stream.expiresAfter,
    mayShareTransaction: choices.mayShareTransaction ?? stream.mayShareTransaction,
    sendsReports: choices.sendsReports ?? stream.sendsReports,
    eightBit: choices.eightBit ?? stream.eightBit,
    longLines: choices.longLines ?? stream.longLines,
    fromDomains:
      choices.fromDomains?.map((text) => domainFor('domain', text)) ?? stream.fromDomains,
    suppressesOn: choices.suppressesOn ?? stream.suppressesOn,
    suppressionScope: choices.suppressionScope ?? stream.suppressionScope,
    gate: choices.gate ?? stream.gate,
    fullMailboxTimes: choices.fullMailboxTimes ?? stream.fullMailboxTimes,
    fullMailboxDays: choices.fullMailboxDays ?? stream.fullMailboxDays,
    addsUnsubscribe: choices.addsUnsubscribe ?? stream.addsUnsubscribe,
    tracks: choices.tracks ?? stream.tracks,
    forwardsReports: choices.forwardsReports ?? stream.forwardsReports,
    whenCold: choices.whenCold ?? stream.whenCold,
    keepsFailed: choices.keepsFailed ?? stream.keepsFailed,
    isSandbox: choices.isSandbox ?? stream.isSandbox,
  }
  checkStream(changed)
  return changed
}

function checkStream(stream: Stream): void {
  if (!Number.isInteger(stream.priority) || stream.priority < 0 || stream.priority > 9)
    throw invalid(`priority ${stream.priority} cannot be: expected 0 (first) to 9 (last)`)
  if (stream.kind === 'bulk' && stream.mayShareTransaction)
    throw invalid(
      'a bulk stream cannot share transactions: each of its recipients has a return path of their own',
    )
  const { fullMailboxDays, fullMailboxTimes } = stream
  if (fullMailboxTimes < 0 || fullMailboxTimes > Math.min(10, fullMailboxDays))
    throw invalid(
      `a full mailbox cannot count after ${fullMailboxTimes} days of ${fullMailboxDays}: expected 0 (never) to 10, and not more than the days`,
    )
  if (fullMailboxDays < 1 || fullMailboxDays > 90)
    throw invalid(`full mailboxes cannot be counted over ${fullMailboxDays} days: expected 1 to 90`)
  const [first] = stream.retryAfter
  if (first === undefined || stream.retryAfter.some((wait) => wait <= 0))
    throw invalid('a retry schedule has at least one wait, and none of zero: such as 5m, 30m, 2h')
  if (stream.expiresAfter <= first)
    throw invalid(
      `mail would expire after ${formatDuration(stream.expiresAfter)}, before its second attempt after ${formatDuration(first)}`,
    )
}

/** Else it would be open which of two streams mail of a domain goes to. */
function checkFromDomains({ name, fromDomains }: Stream, streams: readonly Stream[]): void {
  for (const domain of fromDomains) {
    const other = streams.find(
      (stream) => stream.name !== name && stream.fromDomains.includes(domain),
    )
    if (other)
      throw invalid(`mail from ${domain} goes to stream "${other.name}" already; take it out there`)
  }
}

function invalid(text: string): RelayError {
  return new RelayError('RLY_RECORD_INVALID', text)
}
