// SPDX-License-Identifier: Apache-2.0
/** Endpoints of webhooks. A secret is shown when it is made, and never again. */
import { type DurationMs, type Instant, plus } from '../../base/brand.ts'
import { encodeCrockford } from '../../base/crockford.ts'
import { RelayError } from '../../base/errors.ts'
import { webhookLimits } from '../../base/limits/webhook-limits.ts'
import { formatDuration } from '../../base/quantity.ts'
import { typePatternProblem } from '../../events/event-types.ts'
import { unknownRecord } from '../naming.ts'
import type { RecordsContext } from '../records-context.ts'
import type { Store } from '../store.ts'
import { showStream } from '../stream-service.ts'
import { reaches, type TenantScope, tenantScope } from '../tenant-scope.ts'
import { tenantOf } from '../tenant-service.ts'
import type { Webhook, WebhookId } from './webhook.ts'
import { newWebhookSecret } from './webhook-secret.ts'
import { webhookUrl } from './webhook-url.ts'

/** `null` leaves it as it is, or as most have it. */
export interface WebhookChoices {
  readonly note: string | null
  readonly types: readonly string[] | null
  readonly batchEvents: number | null
  readonly batchWait: DurationMs | null
  readonly isPaused: boolean | null
}

export interface NewWebhook extends WebhookChoices {
  readonly url: string
  /** Only events of this stream. */
  readonly stream: string | null
}

export interface WebhookChange extends WebhookChoices {
  readonly url: string | null
}

export interface MadeWebhook {
  readonly webhook: Webhook
  /** Shown once. */
  readonly secret: string
}

const ID_LETTERS = 10
const ID_OCTETS = 7

/** `mayBeClear`: somebody's networks may be reached, and there http:// will do. */
export async function addWebhook(
  context: RecordsContext,
  scope: TenantScope,
  input: NewWebhook,
  mayBeClear: boolean,
): Promise<MadeWebhook> {
  const url = webhookUrl(input.url, mayBeClear)
  const letters = encodeCrockford(context.random.bytes(ID_OCTETS)).slice(0, ID_LETTERS)
  const id = letters as string as WebhookId
  const secret = newWebhookSecret(context, id)
  return context.store.transaction(async (store) => {
    const { id: tenant } = await tenantOf(store, scope)
    const stream = await streamFor(store, tenantScope(tenant), input.stream)
    await checkRoom(store, tenant)
    const usual: Webhook = {
      ...{ id, tenant, stream, url, note: '', types: [], isPaused: false },
      ...{ batchEvents: 1, batchWait: 1_000 as DurationMs },
      ...{ sealedSecret: secret.sealed, sealedOldSecret: null, oldSecretEndsAt: null },
      createdAt: context.clock.now(),
    }
    const webhook = chosen(usual, input)
    await store.webhooks.put(webhook)
    return { webhook, secret: secret.text }
  })
}

export async function listWebhooks(store: Store, scope: TenantScope): Promise<readonly Webhook[]> {
  return (await store.webhooks.list()).filter(({ tenant }) => reaches(scope, tenant))
}

export async function showWebhook(store: Store, scope: TenantScope, id: string): Promise<Webhook> {
  const webhooks = await listWebhooks(store, scope)
  const wanted = id.toUpperCase()
  const found = webhooks.find((webhook) => webhook.id === wanted)
  if (found) return found
  throw unknownRecord(
    'webhook',
    wanted,
    webhooks.map((webhook) => webhook.id),
  )
}

export async function changeWebhook(
  context: RecordsContext,
  scope: TenantScope,
  id: string,
  change: WebhookChange,
  mayBeClear: boolean,
): Promise<Webhook> {
  return context.store.transaction(async (store) => {
    const before = await showWebhook(store, scope, id)
    const url = change.url === null ? before.url : webhookUrl(change.url, mayBeClear)
    const webhook = chosen({ ...before, url }, change)
    await store.webhooks.put(webhook)
    return webhook
  })
}

/** A new secret. The one before signs too for `overlap`, so that a receiver takes both while it changes over. */
export async function rotateWebhook(
  context: RecordsContext,
  scope: TenantScope,
  id: string,
  overlap: DurationMs,
): Promise<MadeWebhook> {
  if (overlap > webhookLimits.overlapMs)
    throw invalid(
      `an old secret is good for ${formatDuration(webhookLimits.overlapMs as DurationMs)} at most`,
    )
  return context.store.transaction(async (store) => {
    const before = await showWebhook(store, scope, id)
    const secret = newWebhookSecret(context, before.id)
    const endsAt: Instant | null = overlap === 0 ? null : plus(context.clock.now(), overlap)
    const webhook: Webhook = {
      ...before,
      sealedSecret: secret.sealed,
      sealedOldSecret: endsAt === null ? null : before.sealedSecret,
      oldSecretEndsAt: endsAt,
    }
    await store.webhooks.put(webhook)
    return { webhook, secret: secret.text }
  })
}

export async function removeWebhook(
  context: RecordsContext,
  scope: TenantScope,
  id: string,
): Promise<Webhook> {
  return context.store.transaction(async (store) => {
    const webhook = await showWebhook(store, scope, id)
    await store.webhooks.remove(webhook.id)
    return webhook
  })
}

/** Its endpoint wants nothing more. */
export async function pauseWebhook(records: Store, id: WebhookId): Promise<void> {
  await records.transaction(async (store) => {
    const webhook = (await store.webhooks.list()).find((other) => other.id === id)
    if (webhook !== undefined) await store.webhooks.put({ ...webhook, isPaused: true })
  })
}

async function streamFor(store: Store, scope: TenantScope, name: string | null) {
  return name === null ? null : (await showStream(store, scope, name)).name
}

async function checkRoom(store: Store, tenant: string): Promise<void> {
  const { perInstallation, perTenant } = webhookLimits
  const all = await store.webhooks.list()
  const own = all.filter((webhook) => webhook.tenant === tenant)
  if (own.length >= perTenant)
    throw invalid(`tenant "${tenant}" has ${own.length} webhooks, and ${perTenant} are the most`)
  // What others have is nobody's business.
  if (all.length >= perInstallation)
    throw new RelayError('RLY_BUSY', 'this installation takes no more webhooks')
}

function chosen(webhook: Webhook, choices: WebhookChoices): Webhook {
  const changed: Webhook = {
    ...webhook,
    note: choices.note ?? webhook.note,
    types: choices.types === null ? webhook.types : [...new Set(choices.types)],
    batchEvents: choices.batchEvents ?? webhook.batchEvents,
    batchWait: choices.batchWait ?? webhook.batchWait,
    isPaused: choices.isPaused ?? webhook.isPaused,
  }
  const { batchEvents, batchWaitMs } = webhookLimits
  for (const type of changed.types) {
    const problem = typePatternProblem(type)
    if (problem !== null) throw invalid(problem)
  }
  if (changed.batchEvents < 1 || changed.batchEvents > batchEvents)
    throw invalid(`a request has 1 to ${batchEvents} events, not ${changed.batchEvents}`)
  if (changed.batchWait > batchWaitMs)
    throw invalid(
      `an event waits at most ${formatDuration(batchWaitMs as DurationMs)} for others, not ${formatDuration(changed.batchWait)}`,
    )
  return changed
}

function invalid(text: string): RelayError {
  return new RelayError('RLY_RECORD_INVALID', text)
}
