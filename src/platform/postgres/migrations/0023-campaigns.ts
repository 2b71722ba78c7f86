// SPDX-License-Identifier: Apache-2.0
/** What is decided about campaigns. Never changed once released. */

export const campaigns = `
  create table campaigns (
    tenant text collate "C" not null references tenants (id) on delete cascade,
    name text collate "C" not null,
    state text collate "C" not null check (state in ('running', 'paused', 'cancelled')),
    stopped_by text,
    stopped_why text,
    stopped_since bigint,
    priority integer check (priority between 0 and 9),
    weight integer not null check (weight > 0),
    mark text collate "C" check (mark in ('complained', 'high-rate')),
    marked_why text,
    marked_since bigint,
    created_at bigint not null,
    changed_at bigint not null,
    primary key (tenant, name)
  );
  create trigger counted before insert or update or delete or truncate on campaigns
    execute function count_change();
`
