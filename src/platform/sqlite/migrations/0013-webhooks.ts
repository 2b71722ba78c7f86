// SPDX-License-Identifier: Apache-2.0
/** Endpoints of webhooks. Never changed once released. */

export const webhooks = `
  create table webhooks (
    id text primary key,
    tenant text not null references tenants (id) on delete cascade,
    stream text,
    url text not null,
    note text not null,
    types text not null,
    batch_events integer not null,
    batch_wait integer not null,
    is_paused integer not null check (is_paused in (0, 1)),
    sealed_secret blob not null,
    sealed_old_secret blob,
    old_secret_ends_at integer,
    created_at integer not null,
    foreign key (tenant, stream) references streams (tenant, name)
  ) strict;
`
