// SPDX-License-Identifier: Apache-2.0
/** How far sources have come at providers. Never changed once released. */

export const warmUps = `
  create table warm_ups (
    source text collate "C" not null,
    provider text collate "C" not null,
    schedule text not null,
    state text not null check (state in ('advancing', 'holding', 'paused', 'warm')),
    allowance bigint check (allowance >= 0),
    position text not null,
    decisions text not null,
    signals text not null,
    started_at bigint not null,
    changed_at bigint not null,
    primary key (source, provider)
  );
  create trigger counted before insert or update or delete or truncate on warm_ups
    execute function count_change();
`
