// SPDX-License-Identifier: Apache-2.0
/** When credentials and keys were used last. Never changed once released. */

export const lastUses = `
  create table last_uses (
    id text primary key,
    at integer not null,
    address text not null
  ) strict, without rowid;
`
