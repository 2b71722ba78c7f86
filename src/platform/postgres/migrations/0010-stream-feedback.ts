// SPDX-License-Identifier: Apache-2.0
/** What streams have done with unsubscribing and with bounces that come later. Never changed once released. */

export const streamFeedback = `
  alter table streams add column adds_unsubscribe integer not null default 0
    check (adds_unsubscribe in (0, 1));
  alter table streams add column forwards_reports integer not null default 0
    check (forwards_reports in (0, 1));
`
