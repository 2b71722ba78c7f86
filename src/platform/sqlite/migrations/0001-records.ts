// SPDX-License-Identifier: Apache-2.0
/** The first records: tenants and what belongs to them. Never changed once released. */

export const records = `
  create table tenants (
    id text primary key,
    name text not null,
    created_at integer not null
  ) strict;

  create table streams (
    tenant text not null references tenants (id) on delete cascade,
    name text not null,
    kind text not null check (kind in ('transactional', 'bulk')),
    priority integer not null check (priority between 0 and 9),
    pool text not null,
    retry_after text not null,
    expires_after integer not null,
    may_share_transaction integer not null check (may_share_transaction in (0, 1)),
    is_default integer not null check (is_default in (0, 1)),
    created_at integer not null,
    primary key (tenant, name)
  ) strict;
  create unique index one_default_stream on streams (tenant) where is_default = 1;

  create table domains (
    name text primary key,
    tenant text not null references tenants (id),
    return_path_domain text not null,
    created_at integer not null
  ) strict;

  create table signing_keys (
    domain text not null references domains (name) on delete cascade,
    selector text not null,
    algorithm text not null check (algorithm in ('rsa-sha256', 'ed25519-sha256')),
    sealed_private_key blob not null,
    public_key text not null,
    created_at integer not null,
    primary key (domain, selector)
  ) strict;

  create table credentials (
    id text primary key,
    tenant text not null references tenants (id),
    label text not null,
    stream text,
    secret_sha256 blob not null,
    sealed_scram blob,
    created_at integer not null,
    foreign key (tenant, stream) references streams (tenant, name)
  ) strict;

  create table suspensions (
    queue text primary key,
    by text not null,
    reason text not null,
    created_at integer not null
  ) strict;
`
