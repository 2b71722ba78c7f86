// SPDX-License-Identifier: Apache-2.0
/** How much may be handed in in a time, and how much was. Never changed once released. */

export const quotas = `
  create table quotas (
    tenant text collate "C" not null references tenants (id) on delete cascade,
    kind text collate "C" not null check (kind in ('tenant', 'stream', 'credential')),
    name text collate "C" not null,
    period text collate "C" not null check (period in ('hour', 'day', 'month')),
    recipients bigint not null check (recipients > 0),
    when_over text collate "C" not null check (when_over in ('hold', 'reject')),
    created_at bigint not null,
    primary key (tenant, kind, name, period)
  );
  create trigger counted before insert or update or delete or truncate on quotas
    execute function count_change();

  create table quota_usage (
    tenant text collate "C" not null,
    kind text collate "C" not null,
    name text collate "C" not null,
    period text collate "C" not null,
    started_at bigint not null,
    recipients bigint not null,
    primary key (tenant, kind, name, period, started_at)
  );
  create index quota_usage_by_age on quota_usage (started_at);
`
