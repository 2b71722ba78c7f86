// SPDX-License-Identifier: Apache-2.0
/** Endpoints of webhooks. Never changed once released. */

export const webhooks = `
  create table webhooks (
    id text collate "C" primary key,
    tenant text collate "C" not null references tenants (id) on delete cascade,
    stream text collate "C",
    url text not null,
    note text not null,
    types text not null,
    batch_events integer not null,
    batch_wait bigint not null,
    is_paused smallint not null check (is_paused in (0, 1)),
    sealed_secret bytea not null,
    sealed_old_secret bytea,
    old_secret_ends_at bigint,
    created_at bigint not null,
    foreign key (tenant, stream) references streams (tenant, name)
  );
  create trigger counted before insert or update or delete or truncate on webhooks
    execute function count_change();
`
