// SPDX-License-Identifier: Apache-2.0
/** What replies have taught. Never changed once released. */

export const lessons = `
  create table lessons (
    key text primary key,
    text text not null
  ) strict;
`
