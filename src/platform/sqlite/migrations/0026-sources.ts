// SPDX-License-Identifier: Apache-2.0
/** Whether sources send, and what they were last seen with. Never changed once released. */

export const sources = `
  create table sources (
    name text not null primary key,
    address text,
    state text not null check (state in ('active', 'resting', 'draining', 'drained')),
    reason text,
    stopped_by text,
    rests_until integer,
    changed_at integer not null
  ) strict;
`
