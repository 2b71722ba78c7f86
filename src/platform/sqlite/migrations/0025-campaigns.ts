// SPDX-License-Identifier: Apache-2.0
/** What is decided about campaigns. Never changed once released. */

export const campaigns = `
  create table campaigns (
    tenant text not null references tenants (id) on delete cascade,
    name text not null,
    state text not null check (state in ('running', 'paused', 'cancelled')),
    stopped_by text,
    stopped_why text,
    stopped_since integer,
    priority integer check (priority between 0 and 9),
    weight integer not null check (weight > 0),
    mark text check (mark in ('complained', 'high-rate')),
    marked_why text,
    marked_since integer,
    created_at integer not null,
    changed_at integer not null,
    primary key (tenant, name)
  ) strict, without rowid;
`
