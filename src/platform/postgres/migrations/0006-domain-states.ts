// SPDX-License-Identifier: Apache-2.0
/**
 * Domains by tenant, with what the DNS says of them; keys that are made to rotate. What was set up before waits for its first
 * look-up, and its keys sign on. Check-ups are written often and are no change. Never changed once released.
 */

export const domainStates = `
  alter table signing_keys
    drop constraint signing_keys_domain_fkey,
    drop constraint signing_keys_pkey;
  alter table domains
    drop constraint domains_pkey,
    add primary key (tenant, name),
    add column tracking_domain text collate "C",
    add column ownership_token text,
    add column state text not null default 'pending' check (state in ('pending', 'verified', 'failing')),
    add column state_reason text default 'Nothing of it has been looked up in the DNS yet.',
    add column lacks text not null
      default '["ownership","dkim","dkim-next","return-path","spf","dmarc","tracking"]',
    add column verified_at bigint,
    add column rotation_asked_at bigint;
  update domains set
    tracking_domain = 'click.' || name,
    ownership_token = upper(replace(gen_random_uuid()::text, '-', ''));
  alter table domains
    alter column tracking_domain set not null,
    alter column ownership_token set not null,
    alter column state drop default,
    alter column state_reason drop default,
    alter column lacks drop default;
  create unique index one_verified_domain on domains (name) where state = 'verified';

  alter table signing_keys
    add column tenant text collate "C",
    add column state text not null default 'active' check (state in ('next', 'active', 'retiring')),
    add column state_since bigint,
    add column seen_at bigint,
    add column is_proof smallint not null default 1 check (is_proof in (0, 1));
  update signing_keys set state_since = signing_keys.created_at, tenant = domains.tenant
    from domains where domains.name = domain;
  alter table signing_keys
    alter column tenant set not null,
    alter column state_since set not null,
    alter column state drop default,
    alter column is_proof drop default,
    add primary key (tenant, domain, selector),
    add foreign key (tenant, domain) references domains (tenant, name) on delete cascade;

  create table domain_checkups (
    tenant text collate "C" not null,
    name text collate "C" not null,
    checked_at bigint,
    next_check_at bigint not null,
    absences text not null,
    primary key (tenant, name),
    foreign key (tenant, name) references domains (tenant, name) on delete cascade
  );
`
