// SPDX-License-Identifier: Apache-2.0
/** What streams want where sources are being warmed up. Never changed once released. */

export const coldStreams = `
  alter table streams add column when_cold text not null default 'overflow'
    check (when_cold in ('wait', 'overflow', 'pass'));
  update streams set when_cold = 'pass' where kind = 'transactional';
`
