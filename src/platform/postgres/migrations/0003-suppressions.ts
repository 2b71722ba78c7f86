// SPDX-License-Identifier: Apache-2.0
/**
 * Whom tenants do not send to. Never changed once released.
 *
 * Whoever writes stands in line as with all records, so that ids are seen in their order; but it is not counted as a change,
 * for nobody reads these into memory.
 */

export const suppressions = `
  create function stand_in_line() returns trigger language plpgsql as $$
  begin
    execute format('select 1 from %I.change_count for update', tg_table_schema);
    return null;
  end $$;

  create table suppressions (
    id bigint generated always as identity primary key,
    tenant text collate "C" not null references tenants (id) on delete cascade,
    address_hash bytea not null,
    address text collate "C",
    scope_kind text not null check (scope_kind in ('tenant', 'stream', 'list')),
    scope_name text collate "C" not null,
    reason text not null check (reason in ('bounce', 'complaint', 'unsubscribe', 'manual', 'allow')),
    source_event text collate "C",
    import_id text collate "C",
    note text not null,
    created_at bigint not null,
    expires_at bigint
  );
  create unique index one_suppression on suppressions (address_hash, tenant, scope_kind, scope_name, reason);
  create index suppressions_of_tenant on suppressions (tenant, id);
  create index suppressions_of_event on suppressions (source_event) where source_event is not null;
  create index suppressions_of_import on suppressions (import_id) where import_id is not null;
  create index suppressions_that_expire on suppressions (expires_at) where expires_at is not null;
  create trigger in_line before insert or update or delete or truncate on suppressions
    execute function stand_in_line();

  create table suppression_imports (
    id text collate "C" primary key,
    tenant text collate "C" not null references tenants (id) on delete cascade,
    started_at bigint not null,
    finished_at bigint
  );
  create trigger in_line before insert or update or delete or truncate on suppression_imports
    execute function stand_in_line();

  alter table streams add column suppression_scope text not null default 'stream'
    check (suppression_scope in ('tenant', 'stream'));
  alter table streams add column suppresses_on text not null default '["bounce","complaint"]';
`
