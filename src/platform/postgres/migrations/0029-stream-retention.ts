// SPDX-License-Identifier: Apache-2.0
/** How long streams keep content of failed mail, in ms. Never changed once released. */

export const streamRetention = `
  alter table streams add column keeps_failed bigint not null default 31536000000
    check (keeps_failed >= 0);
`
