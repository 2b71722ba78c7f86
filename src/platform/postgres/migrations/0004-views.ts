// SPDX-License-Identifier: Apache-2.0
/** How far views have read the journals: written often, read by nobody else, and so no change. Never changed once released. */

export const views = `
  create table views (
    name text collate "C" primary key,
    cursor text not null
  );
`
