// SPDX-License-Identifier: Apache-2.0
/** People, their sessions, and what was changed by whom. Never changed once released. */

export const people = `
  create table people (
    id text primary key,
    tenant text references tenants (id),
    email text not null,
    name text not null,
    role text not null check (role in ('owner', 'operator', 'sender', 'reader')),
    is_disabled integer not null check (is_disabled in (0, 1)),
    password_hash text,
    link_sha256 blob,
    link_expires_at integer,
    sealed_totp blob,
    sealed_new_totp blob,
    totp_step integer not null,
    recovery_codes text not null,
    oidc_issuer text,
    oidc_subject text,
    is_provisioned integer not null check (is_provisioned in (0, 1)),
    created_at integer not null,
    logged_in_at integer
  ) strict;
  create unique index one_person on people (email, coalesce(tenant, ''));
  create unique index one_identity on people (oidc_issuer, oidc_subject) where oidc_subject is not null;

  create table sessions (
    id text primary key,
    person text not null references people (id) on delete cascade,
    token_sha256 blob not null,
    proof text not null check (proof in ('password', 'totp', 'recovery-code', 'oidc')),
    address text not null,
    user_agent text not null,
    created_at integer not null,
    seen_at integer not null,
    ends_at integer not null
  ) strict;
  create unique index one_token on sessions (token_sha256);
  create index sessions_of_person on sessions (person, created_at);
  create index sessions_by_age on sessions (seen_at);

  create table audit (
    id integer primary key autoincrement,
    at integer not null,
    tenant text,
    actor_kind text not null check (actor_kind in ('person', 'key', 'local', 'nobody')),
    actor text not null,
    actor_name text not null,
    address text not null,
    action text not null,
    target text not null,
    before text,
    after text
  ) strict;
  create index audit_by_age on audit (at);
  create index audit_of_tenant on audit (tenant, id);
`
