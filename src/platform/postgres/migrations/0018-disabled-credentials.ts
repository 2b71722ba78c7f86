// SPDX-License-Identifier: Apache-2.0
/** Credentials that nobody gets in with. Never changed once released. */

export const disabledCredentials = `
  alter table credentials add column is_disabled integer not null default 0 check (is_disabled in (0, 1));
`
