// SPDX-License-Identifier: Apache-2.0
/** When credentials and keys were used last. Never changed once released. */

export const lastUses = `
  create table last_uses (
    id text collate "C" primary key,
    at bigint not null,
    address text collate "C" not null
  );
`
