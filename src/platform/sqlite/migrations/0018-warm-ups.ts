// SPDX-License-Identifier: Apache-2.0
/** How far sources have come at providers. Never changed once released. */

export const warmUps = `
  create table warm_ups (
    source text not null,
    provider text not null,
    schedule text not null,
    state text not null check (state in ('advancing', 'holding', 'paused', 'warm')),
    allowance integer check (allowance >= 0),
    position text not null,
    decisions text not null,
    signals text not null,
    started_at integer not null,
    changed_at integer not null,
    primary key (source, provider)
  ) strict;
`
