// SPDX-License-Identifier: Apache-2.0
/** What was last found of sources. Never changed once released. */

export const sourceCheckups = `
  create table source_checkups (
    name text not null primary key,
    checked_at integer not null,
    findings text not null
  ) strict;
`
