// SPDX-License-Identifier: Apache-2.0
/**
 * Domains by tenant, with what the DNS says of them; keys that are made to rotate. What was set up before waits for its first
 * look-up, and its keys sign on. Never changed once released.
 */

export const domainStates = `
  create table domains_next (
    tenant text not null references tenants (id),
    name text not null,
    return_path_domain text not null,
    tracking_domain text not null,
    ownership_token text not null,
    state text not null check (state in ('pending', 'verified', 'failing')),
    state_reason text,
    lacks text not null,
    verified_at integer,
    rotation_asked_at integer,
    created_at integer not null,
    primary key (tenant, name)
  ) strict;
  insert into domains_next
    select tenant, name, return_path_domain, 'click.' || name, upper(hex(randomblob(16))), 'pending',
      'Nothing of it has been looked up in the DNS yet.',
      '["ownership","dkim","dkim-next","return-path","spf","dmarc","tracking"]', null, null, created_at
    from domains;

  create table signing_keys_next (
    tenant text not null,
    domain text not null,
    selector text not null,
    algorithm text not null check (algorithm in ('rsa-sha256', 'ed25519-sha256')),
    sealed_private_key blob not null,
    public_key text not null,
    state text not null check (state in ('next', 'active', 'retiring')),
    state_since integer not null,
    seen_at integer,
    is_proof integer not null check (is_proof in (0, 1)),
    created_at integer not null,
    primary key (tenant, domain, selector),
    foreign key (tenant, domain) references domains_next (tenant, name) on delete cascade
  ) strict;
  insert into signing_keys_next
    select domains.tenant, domain, selector, algorithm, sealed_private_key, public_key, 'active',
      signing_keys.created_at, null, 1, signing_keys.created_at
    from signing_keys join domains on domains.name = domain;

  drop table signing_keys;
  drop table domains;
  alter table domains_next rename to domains;
  alter table signing_keys_next rename to signing_keys;
  create unique index one_verified_domain on domains (name) where state = 'verified';

  create table domain_checkups (
    tenant text not null,
    name text not null,
    checked_at integer,
    next_check_at integer not null,
    absences text not null,
    primary key (tenant, name),
    foreign key (tenant, name) references domains (tenant, name) on delete cascade
  ) strict;
`
