// SPDX-License-Identifier: Apache-2.0
/** What replies have taught: written often, read at a start, and so no change. Never changed once released. */

export const lessons = `
  create table lessons (
    key text collate "C" primary key,
    text text not null
  );
`
