// SPDX-License-Identifier: Apache-2.0
/** What the API says of the last use of credentials and keys. */
import { z } from 'zod'
import { timestampOf } from '../../events/event.ts'
import type { Store } from '../../records/store.ts'
import { timestamp } from '../http/fields.ts'

export const lastUseFields = {
  lastUsedAt: timestamp.nullable().meta({
    description:
      'To the minute; what happened in the last few minutes may be missing. null: never.',
  }),
  lastUsedFrom: z.string().nullable().meta({ description: 'Address of the client.' }),
}

export interface LastUseView {
  readonly lastUsedAt: string | null
  readonly lastUsedFrom: string | null
}

export const neverUsed: LastUseView = { lastUsedAt: null, lastUsedFrom: null }

/** By the id of a credential or key. */
export async function lastUseViews(store: Store): Promise<(id: string) => LastUseView> {
  const uses = new Map((await store.lastUses.list()).map((use) => [use.id, use]))
  return (id) => {
    const use = uses.get(id)
    return use === undefined
      ? neverUsed
      : { lastUsedAt: timestampOf(use.at), lastUsedFrom: use.address }
  }
}
