// SPDX-License-Identifier: Apache-2.0
/** Endpoints of webhooks over their table. */
import type { Kysely } from 'kysely'
import type { WebhookRecords } from '../../records/webhooks/webhook.ts'
import type { Tables } from './tables.ts'
import { webhookOf, webhookRowOf } from './webhook-row.ts'
import type { Writes } from './writes.ts'

export function webhooks(db: Kysely<Tables>, writes: Writes): WebhookRecords {
  return {
    list: async () => {
      const rows = await db.selectFrom('webhooks').selectAll().orderBy('id').execute()
      return rows.map(webhookOf)
    },
    put: (webhook) => {
      const row = webhookRowOf(webhook)
      return writes.put(`webhook ${webhook.id}`, () =>
        db
          .insertInto('webhooks')
          .values(row)
          .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
          .execute(),
      )
    },
    remove: (id) =>
      writes.remove(`webhook ${id} is still in use`, () =>
        db.deleteFrom('webhooks').where('id', '=', id).executeTakeFirst(),
      ),
  }
}
