// SPDX-License-Identifier: Apache-2.0
/** Streams that are chosen by the From domain. Never changed once released. */

export const streamFromDomains = `
  alter table streams add column from_domains text not null default '[]';
`
