// SPDX-License-Identifier: Apache-2.0
/** How much may be handed in in a time, and how much was. Never changed once released. */

export const quotas = `
  create table quotas (
    tenant text not null references tenants (id) on delete cascade,
    kind text not null check (kind in ('tenant', 'stream', 'credential')),
    name text not null,
    period text not null check (period in ('hour', 'day', 'month')),
    recipients integer not null check (recipients > 0),
    when_over text not null check (when_over in ('hold', 'reject')),
    created_at integer not null,
    primary key (tenant, kind, name, period)
  ) strict;

  create table quota_usage (
    tenant text not null,
    kind text not null,
    name text not null,
    period text not null,
    started_at integer not null,
    recipients integer not null,
    primary key (tenant, kind, name, period, started_at)
  ) strict;
  create index quota_usage_by_age on quota_usage (started_at);
`
