// SPDX-License-Identifier: Apache-2.0
/**
 * People, their sessions, and what was changed by whom. Nobody reads these into memory, so they are no change of the records;
 * whoever writes stands in line as with all of them. Never changed once released.
 */

export const people = `
  create table people (
    id text collate "C" primary key,
    tenant text collate "C" references tenants (id),
    email text collate "C" not null,
    name text not null,
    role text not null check (role in ('owner', 'operator', 'sender', 'reader')),
    is_disabled smallint not null check (is_disabled in (0, 1)),
    password_hash text,
    link_sha256 bytea,
    link_expires_at bigint,
    sealed_totp bytea,
    sealed_new_totp bytea,
    totp_step bigint not null,
    recovery_codes text not null,
    oidc_issuer text collate "C",
    oidc_subject text collate "C",
    is_provisioned smallint not null check (is_provisioned in (0, 1)),
    created_at bigint not null,
    logged_in_at bigint
  );
  create unique index one_person on people (email, coalesce(tenant, ''));
  create unique index one_identity on people (oidc_issuer, oidc_subject) where oidc_subject is not null;
  create trigger in_line before insert or update or delete or truncate on people
    execute function stand_in_line();

  create table sessions (
    id text collate "C" primary key,
    person text collate "C" not null references people (id) on delete cascade,
    token_sha256 bytea not null,
    proof text not null check (proof in ('password', 'totp', 'recovery-code', 'oidc')),
    address text not null,
    user_agent text not null,
    created_at bigint not null,
    seen_at bigint not null,
    ends_at bigint not null
  );
  create unique index one_token on sessions (token_sha256);
  create index sessions_of_person on sessions (person, created_at);
  create index sessions_by_age on sessions (seen_at);
  create trigger in_line before insert or update or delete or truncate on sessions
    execute function stand_in_line();

  create table audit (
    id bigint generated always as identity primary key,
    at bigint not null,
    tenant text collate "C",
    actor_kind text not null check (actor_kind in ('person', 'key', 'local', 'nobody')),
    actor text collate "C" not null,
    actor_name text not null,
    address text not null,
    action text collate "C" not null,
    target text not null,
    before text,
    after text
  );
  create index audit_by_age on audit (at);
  create index audit_of_tenant on audit (tenant, id);
  create trigger in_line before insert or update or delete or truncate on audit
    execute function stand_in_line();
`
