// SPDX-License-Identifier: Apache-2.0
/** When mail of a campaign goes, and how fast. Never changed once released. */

export const campaignSpread = `
  alter table campaigns add column send_window text;
  alter table campaigns add column pace text;
`
