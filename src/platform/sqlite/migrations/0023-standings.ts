// SPDX-License-Identifier: Apache-2.0
/** How tenants stand in pools that they share, and what was counted of them. Never changed once released. */

export const standings = `
  create table standings (
    tenant text not null references tenants (id) on delete cascade,
    pool text not null,
    state text not null check (state in ('good', 'watched', 'quarantined', 'held')),
    position text not null,
    decisions text not null,
    changed_at integer not null,
    primary key (tenant, pool)
  ) strict;

  create table standing_hours (
    tenant text not null,
    pool text not null,
    hour integer not null,
    delivered integer not null,
    unknown integer not null,
    refused integer not null,
    complained integer not null,
    primary key (tenant, pool, hour)
  ) strict;
  create index standing_hours_by_age on standing_hours (hour);
`
