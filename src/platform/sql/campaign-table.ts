// SPDX-License-Identifier: Apache-2.0
/** Campaigns over their table. */
import type { Kysely } from 'kysely'
import type { CampaignRecords } from '../../records/campaigns/campaign.ts'
import { campaignOfRow, campaignRowOf } from './campaign-row.ts'
import type { Tables } from './tables.ts'
import type { Writes } from './writes.ts'

export function campaigns(db: Kysely<Tables>, writes: Writes): CampaignRecords {
  return {
    list: async () => {
      const rows = await db
        .selectFrom('campaigns')
        .selectAll()
        .orderBy('tenant')
        .orderBy('name')
        .execute()
      return rows.map(campaignOfRow)
    },
    put: (campaign) => {
      const row = campaignRowOf(campaign)
      return writes.put(`campaign ${campaign.name}`, () =>
        db
          .insertInto('campaigns')
          .values(row)
          .onConflict((conflict) => conflict.columns(['tenant', 'name']).doUpdateSet(row))
          .execute(),
      )
    },
    remove: (tenant, name) =>
      writes.remove(`campaign ${name} is still in use`, () =>
        db
          .deleteFrom('campaigns')
          .where('tenant', '=', tenant)
          .where('name', '=', name)
          .executeTakeFirst(),
      ),
  }
}
