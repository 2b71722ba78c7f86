// SPDX-License-Identifier: Apache-2.0
/** What a stream has counted of its mail: a JSON list of "opens" and "clicks". Never changed once released. */

export const streamTracking = `
  alter table streams add column tracks text not null default '[]';
`
