// SPDX-License-Identifier: Apache-2.0
/** Streams and credentials whose mail goes to nobody. Never changed once released. */

export const sandboxes = `
  alter table streams add column is_sandbox integer not null default 0 check (is_sandbox in (0, 1));
  alter table credentials add column is_sandbox integer not null default 0 check (is_sandbox in (0, 1));
`
