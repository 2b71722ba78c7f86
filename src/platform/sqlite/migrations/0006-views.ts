// SPDX-License-Identifier: Apache-2.0
/** How far views have read the journals. Never changed once released. */

export const views = `
  create table views (
    name text primary key,
    cursor text not null
  ) strict;
`
