// SPDX-License-Identifier: Apache-2.0
/** Who has said when mail of a campaign goes. Never changed once released. */

export const campaignWishes = `
  alter table campaigns add column spread_by text check (spread_by in ('mail', 'person'));
  update campaigns set spread_by = 'person' where send_window is not null or pace is not null;
`
