// SPDX-License-Identifier: Apache-2.0
/** Brakes that hold mail back, and what people decided about them. Never changed once released. */

export const brakes = `
  create table brakes (
    name text primary key,
    state text not null check (state in ('holding', 'confirmed', 'released')),
    since integer not null,
    count integer not null,
    ends integer not null,
    spread integer not null,
    usual_share real,
    decided_at integer,
    decided_by text,
    until integer
  ) strict;
`
