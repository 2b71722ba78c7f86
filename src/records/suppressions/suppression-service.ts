// SPDX-License-Identifier: Apache-2.0
/** Suppressions as people and programs set them: added, listed, removed, and taken back where they were a mistake. */
import type { Instant } from '../../base/brand.ts'
import { RelayError } from '../../base/errors.ts'
import { suppressionLimits } from '../../base/limits/record-limits.ts'
import { AddressHasher } from '../../protocol/address-hash.ts'
import { domainFor } from '../naming.ts'
import type { RecordsContext } from '../records-context.ts'
import type { Store } from '../store.ts'
import { reaches, type TenantScope, tenantScope } from '../tenant-scope.ts'
import { tenantOf } from '../tenant-service.ts'
import {
  automaticReasons,
  type EntryReason,
  type Suppression,
  type SuppressionScope,
} from './suppression.ts'
import {
  addAll,
  checkExpiry,
  checkNote,
  distinct,
  EntryMaker,
  invalidSuppression,
  mailboxFor,
  type SuppressionInput,
} from './suppression-entry.ts'
import { addressHashIn, suppressionName } from './suppression-name.ts'
import type { AddedCounts, SuppressionPage, SuppressionSelection } from './suppression-records.ts'

/** Which ones, as people say it. */
export interface SuppressionWish {
  readonly address: string | null
  readonly domain: string | null
  readonly reasons: readonly EntryReason[] | null
  readonly scope: SuppressionScope | null
  readonly event: string | null
  readonly importId: string | null
  readonly since: Instant | null
}

/** In one transaction: all or none. */
export async function addSuppressions(
  context: RecordsContext,
  scope: TenantScope,
  inputs: readonly SuppressionInput[],
): Promise<AddedCounts> {
  return context.store.transaction(async (store) => {
    const tenant = (await tenantOf(store, scope)).id
    const maker = await EntryMaker.of(context, store, tenant)
    const entries = distinct(inputs.map((input) => maker.make(input, null)))
    const added = await addAll(store, entries)
    return { added, known: inputs.length - added }
  })
}

export async function listSuppressions(
  context: RecordsContext,
  scope: TenantScope,
  wish: SuppressionWish,
  page: SuppressionPage,
): Promise<readonly Suppression[]> {
  const selection = await selectionOf(context, context.store, scope, wish)
  return context.store.suppressions.list(selection, page)
}

export async function showSuppression(
  store: Store,
  scope: TenantScope,
  id: string,
): Promise<Suppression> {
  const tenant = scope.kind === 'tenant' ? scope.tenant : null
  const hash = addressHashIn(id)
  const entries = hash === null ? [] : await store.suppressions.of(tenant, hash)
  const found = entries.find((entry) => suppressionName(entry) === id.toUpperCase())
  if (found !== undefined && reaches(scope, found.tenant)) return found
  throw new RelayError('RLY_RECORD_UNKNOWN', `no suppression "${id}"`)
}

/** What is not given stays. */
export async function changeSuppression(
  { clock, store: records }: RecordsContext,
  scope: TenantScope,
  id: string,
  changed: { readonly note?: string | undefined; readonly expiresAt?: Instant | null | undefined },
): Promise<Suppression> {
  return records.transaction(async (store) => {
    const found = await showSuppression(store, scope, id)
    const { note = found.note, expiresAt = found.expiresAt } = changed
    if (changed.expiresAt !== undefined) checkExpiry(changed.expiresAt, clock.now())
    checkNote(note)
    await store.suppressions.change(found.id, { note, expiresAt })
    return { ...found, note, expiresAt }
  })
}

export async function removeSuppression(
  context: RecordsContext,
  scope: TenantScope,
  id: string,
): Promise<Suppression> {
  return context.store.transaction(async (store) => {
    const found = await showSuppression(store, scope, id)
    const { addressHash, reason, scope: of, tenant } = found
    await store.suppressions.remove({ tenant, addressHash, reasons: [reason], scope: of }, 1)
    return found
  })
}

/** All that fit a wish, which must name something; `isTrial` only counts them. Others write in between. */
export async function undoSuppressions(
  context: RecordsContext,
  scope: TenantScope,
  wish: SuppressionWish,
  isTrial: boolean,
): Promise<number> {
  const { address, event, importId, since } = wish
  const isNamed = address !== null || event !== null || importId !== null
  if (!isNamed && since === null)
    throw invalidSuppression('say which: of an address, of an event, of an import, or since when')
  const tenant = (await tenantOf(context.store, scope)).id
  // Who unsubscribed since then meant it.
  const reasons = wish.reasons ?? (isNamed ? null : automaticReasons)
  const selection = await selectionOf(context, context.store, tenantScope(tenant), {
    ...wish,
    reasons,
  })
  if (isTrial) return context.store.suppressions.count(selection)
  let removed = 0
  for (;;) {
    const some = await context.store.suppressions.remove(
      selection,
      suppressionLimits.removeTogether,
    )
    removed += some
    if (some < suppressionLimits.removeTogether) return removed
  }
}

async function selectionOf(
  context: RecordsContext,
  store: Store,
  scope: TenantScope,
  wish: SuppressionWish,
): Promise<SuppressionSelection> {
  const { address, domain, event, importId, reasons, since } = wish
  // A hash is a tenant's own.
  const tenant =
    scope.kind === 'tenant'
      ? scope.tenant
      : address === null
        ? undefined
        : (await tenantOf(store, scope)).id
  const hasher = new AddressHasher(context.keyring)
  return {
    ...(tenant !== undefined && { tenant }),
    ...(address !== null &&
      tenant !== undefined && { addressHash: hasher.hash(tenant, mailboxFor(address)) }),
    ...(domain !== null && { domain: domainFor('domain', domain) }),
    ...(reasons !== null && { reasons }),
    ...(wish.scope !== null && { scope: wish.scope }),
    ...(event !== null && { sourceEvent: event }),
    ...(importId !== null && { importId }),
    ...(since !== null && { since }),
  }
}
