// SPDX-License-Identifier: Apache-2.0
/** What the relay says of the campaign, asked through its HTTP API as anybody would. */

import type { WarmUpAnswer, WarmUpDetails } from '../../src/api/resources/warm-up-fields.ts'
import type { Event } from '../../src/events/event.ts'
import type { RateNumbers, RelayFacts, TimelineKind, WarmUpNumbers } from './count.ts'

export interface RelayApi {
  /** `http://127.0.0.1:8026/api/v1`. */
  readonly url: string
  readonly key: string
}

interface Page<T> {
  readonly items: readonly T[]
  readonly nextCursor: string | null
}

const TYPES = 'delivered,bounced,complained,unsubscribed,expired,suppressed,report.received'

export async function askRelay(api: RelayApi): Promise<RelayFacts> {
  const [timelines, suppressions, rates, warmUps] = await Promise.all([
    timelinesOf(api),
    suppressionsOf(api),
    ratesOf(api),
    warmUpsOf(api),
  ])
  return { timelines, suppressions, rates, warmUps }
}

/** Throws what the relay answered where that is no success. */
export async function call<T>({ key, url }: RelayApi, path: string, body?: unknown): Promise<T> {
  const answer = await fetch(url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${text.slice(0, 500)}`)
  return JSON.parse(text) as T
}

async function* all<T>(api: RelayApi, path: string): AsyncGenerator<T> {
  let cursor: string | null = null
  do {
    const after: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const page: Page<T> = await call(
      api,
      `${path}${path.includes('?') ? '&' : '?'}limit=500${after}`,
    )
    yield* page.items
    cursor = page.nextCursor
  } while (cursor !== null)
}

async function timelinesOf(api: RelayApi): Promise<ReadonlyMap<TimelineKind, readonly string[]>> {
  const found = new Map<TimelineKind, string[]>()
  for await (const event of all<Event>(api, `/events?type=${TYPES}`)) {
    const kind = kindOf(event)
    const recipient = 'recipient' in event ? event.recipient : null
    if (kind === null) continue
    const recipients = found.get(kind) ?? []
    found.set(kind, recipients)
    recipients.push(recipient ?? 'nobody')
  }
  return found
}

/** `null`: no end, and nothing that came back. */
function kindOf(event: Event): TimelineKind | null {
  switch (event.type) {
    case 'message.delivered':
      return 'delivered'
    case 'message.bounced':
      return event.by === 'report' ? 'bounced later' : 'bounced at once'
    case 'message.complained':
      return 'complained'
    case 'message.unsubscribed':
      return 'unsubscribed'
    case 'message.expired':
      return 'expired'
    case 'message.suppressed':
      return 'suppressed'
    case 'report.received': {
      const isExpected = event.kind === 'auto-reply' && event.fate === 'noted'
      return isExpected ? 'automatic replies' : 'other reports'
    }
    default:
      return null
  }
}

async function suppressionsOf(api: RelayApi): Promise<readonly string[]> {
  const found: string[] = []
  const entries = all<{ readonly address: string | null; readonly reason: string }>(
    api,
    '/suppressions',
  )
  for await (const { address, reason } of entries) found.push(`${reason} ${address}`)
  return found
}

async function ratesOf(api: RelayApi): Promise<ReadonlyMap<string, RateNumbers>> {
  const { items } = await call<{
    readonly items: readonly (RateNumbers & { readonly name: string })[]
  }>(api, '/rates?by=provider')
  return new Map(items.map(({ name, ...numbers }) => [name, numbers]))
}

async function warmUpsOf(api: RelayApi): Promise<ReadonlyMap<string, WarmUpNumbers>> {
  const found = new Map<string, WarmUpNumbers>()
  for await (const { provider, source } of all<WarmUpAnswer>(api, '/warm-ups')) {
    const { days } = await call<WarmUpDetails>(api, `/warm-ups/${source}/${provider}`)
    found.set(provider, days.reduce(sumOf, nothing))
  }
  return found
}

const nothing: WarmUpNumbers = {
  sent: 0,
  delivered: 0,
  deferred: 0,
  refused: 0,
  bounced: 0,
  returned: 0,
  complained: 0,
}

function sumOf(sum: WarmUpNumbers, day: WarmUpNumbers): WarmUpNumbers {
  const names = Object.keys(nothing) as (keyof WarmUpNumbers)[]
  return { ...sum, ...Object.fromEntries(names.map((name) => [name, sum[name] + day[name]])) }
}
