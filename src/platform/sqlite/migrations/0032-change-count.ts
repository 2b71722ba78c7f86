// SPDX-License-Identifier: Apache-2.0
/**
 * Counts changes of records, as PostgreSQL does: what is written often (what was counted, last uses, first answers) is none.
 * Never changed once released.
 */

const COUNTED = [
  'tenants',
  'streams',
  'domains',
  'signing_keys',
  'credentials',
  'api_keys',
  'suspensions',
  'brakes',
  'quotas',
  'standings',
  'campaigns',
  'sources',
  'webhooks',
  'warm_ups',
]

export const changeCount = `
  create table change_count (count integer not null) strict;
  insert into change_count values (0);
  ${COUNTED.flatMap((table) => ['insert', 'update', 'delete'].map((change) => counted(table, change))).join('')}
`

function counted(table: string, change: string): string {
  return `
  create trigger ${table}_${change} after ${change} on ${table} begin
    update change_count set count = count + 1;
  end;`
}
