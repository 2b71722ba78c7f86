// SPDX-License-Identifier: Apache-2.0
/**
 * The first records in PostgreSQL: what SQLite has after its third step. Never changed once released.
 *
 * Every table of records counts its changes: before a statement changes it, the one row of `change_count` is taken, and
 * counted once in each transaction. Keys are compared by their octets, as SQLite does.
 */

export const records = `
  create table change_count (
    count bigint not null,
    writer xid8 not null
  );
  insert into change_count values (0, '0');

  create function count_change() returns trigger language plpgsql as $$
  begin
    execute format(
      'update %I.change_count set count = count + 1, writer = pg_current_xact_id() where writer <> pg_current_xact_id()',
      tg_table_schema
    );
    return null;
  end $$;

  create table tenants (
    id text collate "C" primary key,
    name text not null,
    created_at bigint not null
  );
  create trigger counted before insert or update or delete or truncate on tenants
    execute function count_change();

  create table streams (
    tenant text collate "C" not null references tenants (id) on delete cascade,
    name text collate "C" not null,
    kind text not null check (kind in ('transactional', 'bulk')),
    priority integer not null check (priority between 0 and 9),
    pool text not null,
    retry_after text not null,
    expires_after bigint not null,
    may_share_transaction integer not null check (may_share_transaction in (0, 1)),
    is_default integer not null check (is_default in (0, 1)),
    created_at bigint not null,
    sends_reports integer not null check (sends_reports in (0, 1)),
    eight_bit text not null check (eight_bit in ('keep', 'quoted-printable')),
    long_lines text not null check (long_lines in ('fold', 'refuse')),
    primary key (tenant, name)
  );
  create unique index one_default_stream on streams (tenant) where is_default = 1;
  create trigger counted before insert or update or delete or truncate on streams
    execute function count_change();

  create table domains (
    name text collate "C" primary key,
    tenant text collate "C" not null references tenants (id),
    return_path_domain text not null,
    created_at bigint not null
  );
  create trigger counted before insert or update or delete or truncate on domains
    execute function count_change();

  create table signing_keys (
    domain text collate "C" not null references domains (name) on delete cascade,
    selector text collate "C" not null,
    algorithm text not null check (algorithm in ('rsa-sha256', 'ed25519-sha256')),
    sealed_private_key bytea not null,
    public_key text not null,
    created_at bigint not null,
    primary key (domain, selector)
  );
  create trigger counted before insert or update or delete or truncate on signing_keys
    execute function count_change();

  create table credentials (
    id text collate "C" primary key,
    tenant text collate "C" not null references tenants (id),
    label text not null,
    stream text collate "C",
    secret_sha256 bytea not null,
    sealed_scram bytea,
    created_at bigint not null,
    foreign key (tenant, stream) references streams (tenant, name)
  );
  create trigger counted before insert or update or delete or truncate on credentials
    execute function count_change();

  create table api_keys (
    id text collate "C" primary key,
    tenant text collate "C" references tenants (id),
    label text not null,
    scopes text not null,
    allowed_from text not null,
    expires_at bigint,
    secret_sha256 bytea not null,
    created_at bigint not null
  );
  create trigger counted before insert or update or delete or truncate on api_keys
    execute function count_change();

  create table suspensions (
    queue text collate "C" primary key,
    by text not null,
    reason text not null,
    created_at bigint not null
  );
  create trigger counted before insert or update or delete or truncate on suspensions
    execute function count_change();
`
