// SPDX-License-Identifier: Apache-2.0
/** After how many days of full mailboxes a stream suppresses. Never changed once released. */

export const fullMailboxes = `
  alter table streams add column full_mailbox_times integer not null default 3;
  alter table streams add column full_mailbox_days integer not null default 30;
`
