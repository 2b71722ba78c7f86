// SPDX-License-Identifier: Apache-2.0
/**
 * The part of the store that is not small: suppressions, up to tens of millions. They are never all read into memory; who
 * looks one up asks a filter first (`suppression-lookup.ts`).
 */
import type { Instant } from '../../base/brand.ts'
import type { Slug } from '../records.ts'
import type {
  EntryReason,
  NewSuppression,
  Suppression,
  SuppressionId,
  SuppressionImport,
  SuppressionScope,
} from './suppression.ts'

/** Which entries: all that fit everything that is given. */
export interface SuppressionSelection {
  readonly tenant?: Slug
  readonly addressHash?: Uint8Array
  /** Of the address; entries of which only the hash is kept have none. */
  readonly domain?: string
  readonly reasons?: readonly EntryReason[]
  readonly scope?: SuppressionScope
  readonly sourceEvent?: string
  readonly importId?: string
  /** Made then or later. */
  readonly since?: Instant
  /** Expired by then. */
  readonly expiredBy?: Instant
}

export interface SuppressionPage {
  readonly order: 'oldest' | 'newest'
  readonly limit: number
  /** Id of the last entry of the page before. */
  readonly after: SuppressionId | null
}

/** What came of entries that were to be added. */
export interface AddedCounts {
  readonly added: number
  /** One that said the same was there already; where the new one lasts longer, that one does now. */
  readonly known: number
}

export interface SuppressionRecords {
  /** All entries of an address, but those of an import that is not finished. `null`: of whichever tenant the hash is. */
  of(tenant: Slug | null, addressHash: Uint8Array): Promise<readonly Suppression[]>
  /** At most `suppressionLimits.writeTogether`, no two of one address, scope and reason. All or none. */
  add(entries: readonly NewSuppression[]): Promise<AddedCounts>
  /** In the order of ids; not those of an import that is not finished. */
  list(selection: SuppressionSelection, page: SuppressionPage): Promise<readonly Suppression[]>
  /** What a person may change of an entry; `false`: it is not there. */
  change(id: SuppressionId, changed: Pick<Suppression, 'note' | 'expiresAt'>): Promise<boolean>
  /** At most `limit`; gives how many were there. */
  remove(selection: SuppressionSelection, limit: number): Promise<number>
  count(selection: SuppressionSelection): Promise<number>
  /** About how many there are of all tenants; never too few. */
  size(): Promise<number>
  /** Hashes in the order of ids: what a filter is built from, and what it follows. */
  hashesAfter(after: SuppressionId | null, limit: number): Promise<HashPage>
  readonly imports: {
    list(): Promise<readonly SuppressionImport[]>
    put(imported: SuppressionImport): Promise<void>
    remove(id: string): Promise<boolean>
  }
}

export interface HashPage {
  readonly hashes: readonly Uint8Array[]
  /** Of the last one; what was asked where there is none. */
  readonly last: SuppressionId | null
}
