// SPDX-License-Identifier: Apache-2.0
/** Whom tenants do not send to. Never changed once released. */

export const suppressions = `
  create table suppressions (
    id integer primary key autoincrement,
    tenant text not null references tenants (id) on delete cascade,
    address_hash blob not null,
    address text,
    scope_kind text not null check (scope_kind in ('tenant', 'stream', 'list')),
    scope_name text not null,
    reason text not null check (reason in ('bounce', 'complaint', 'unsubscribe', 'manual', 'allow')),
    source_event text,
    import_id text,
    note text not null,
    created_at integer not null,
    expires_at integer
  ) strict;
  create unique index one_suppression on suppressions (address_hash, tenant, scope_kind, scope_name, reason);
  create index suppressions_of_tenant on suppressions (tenant, id);
  create index suppressions_of_event on suppressions (source_event) where source_event is not null;
  create index suppressions_of_import on suppressions (import_id) where import_id is not null;
  create index suppressions_that_expire on suppressions (expires_at) where expires_at is not null;

  create table suppression_imports (
    id text primary key,
    tenant text not null references tenants (id) on delete cascade,
    started_at integer not null,
    finished_at integer
  ) strict;

  alter table streams add column suppression_scope text not null default 'stream'
    check (suppression_scope in ('tenant', 'stream'));
  alter table streams add column suppresses_on text not null default '["bounce","complaint"]';
`
