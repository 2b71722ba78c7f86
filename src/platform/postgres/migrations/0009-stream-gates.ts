// SPDX-License-Identifier: Apache-2.0
/** What comes of mail that receivers would doubt. Never changed once released. */

export const streamGates = `
  alter table streams add column gate text not null default 'warn' check (gate in ('off', 'warn', 'hold', 'reject'));
`
