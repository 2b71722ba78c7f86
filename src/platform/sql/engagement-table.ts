// SPDX-License-Identifier: Apache-2.0
/** Engagement of recipients over its table. */
import type { Kysely } from 'kysely'
import { engagementLimits } from '../../base/limits/engagement-limits.ts'
import type { Engaged, EngagementRecords } from '../../records/engagement.ts'
import type { Tables } from './tables.ts'

export function engagement(db: Kysely<Tables>): EngagementRecords {
  return {
    note: async (engaged) => {
      const { askedTogether } = engagementLimits
      const latest = latestOf(engaged)
      for (let at = 0; at < latest.length; at += askedTogether)
        await db
          .insertInto('engagement')
          .values(latest.slice(at, at + askedTogether))
          .onConflict((conflict) =>
            conflict
              .columns(['tenant', 'addressHash'])
              .doUpdateSet(({ ref }) => ({ day: ref('excluded.day') }))
              .whereRef('excluded.day', '>', 'engagement.day'),
          )
          .execute()
    },
    lastDays: async (tenant, hashes) => {
      const rows = await db
        .selectFrom('engagement')
        .select(['addressHash', 'day'])
        .where('tenant', '=', tenant)
        .where('addressHash', 'in', hashes)
        .execute()
      const days = new Map(rows.map(({ addressHash, day }) => [hex(addressHash), Number(day)]))
      return hashes.map((hash) => days.get(hex(hash)) ?? null)
    },
    size: async () => {
      const { count } = await db
        .selectFrom('engagement')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow()
      return Number(count)
    },
    forget: async (day, limit) => {
      let oldest = db
        .selectFrom('engagement')
        .select(['tenant', 'addressHash'])
        .orderBy('day')
        .limit(limit)
      if (day !== null) oldest = oldest.where('day', '<', day)
      const { numDeletedRows } = await db
        .deleteFrom('engagement')
        .where((row) =>
          row(
            row.refTuple('tenant', 'addressHash'),
            'in',
            oldest.$asTuple('tenant', 'addressHash'),
          ),
        )
        .executeTakeFirstOrThrow()
      return Number(numDeletedRows)
    },
  }
}

/** A row is named once in a statement. */
function latestOf(engaged: readonly Engaged[]): readonly Engaged[] {
  const latest = new Map<string, Engaged>()
  for (const each of engaged) {
    const name = `${each.tenant} ${hex(each.addressHash)}`
    if ((latest.get(name)?.day ?? 0) <= each.day) latest.set(name, each)
  }
  return [...latest.values()]
}

function hex(hash: Uint8Array): string {
  return Buffer.from(hash).toString('hex')
}
