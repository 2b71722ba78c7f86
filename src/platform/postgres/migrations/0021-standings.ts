// SPDX-License-Identifier: Apache-2.0
/** How tenants stand in pools that they share, and what was counted of them. Never changed once released. */

export const standings = `
  create table standings (
    tenant text collate "C" not null references tenants (id) on delete cascade,
    pool text collate "C" not null,
    state text not null check (state in ('good', 'watched', 'quarantined', 'held')),
    position text not null,
    decisions text not null,
    changed_at bigint not null,
    primary key (tenant, pool)
  );
  create trigger counted before insert or update or delete or truncate on standings
    execute function count_change();

  create table standing_hours (
    tenant text collate "C" not null,
    pool text collate "C" not null,
    hour bigint not null,
    delivered bigint not null,
    unknown bigint not null,
    refused bigint not null,
    complained bigint not null,
    primary key (tenant, pool, hour)
  );
  create index standing_hours_by_age on standing_hours (hour);
`
