// SPDX-License-Identifier: Apache-2.0
/** Brakes that hold mail back, and what people decided about them. Never changed once released. */

export const brakes = `
  create table brakes (
    name text collate "C" primary key,
    state text not null check (state in ('holding', 'confirmed', 'released')),
    since bigint not null,
    count integer not null,
    ends integer not null,
    spread integer not null,
    usual_share double precision,
    decided_at bigint,
    decided_by text,
    until bigint
  );
  create trigger counted before insert or update or delete or truncate on brakes
    execute function count_change();
`
