// SPDX-License-Identifier: Apache-2.0
/** When recipients last showed that mail is welcome. Never changed once released. */

export const engagement = `
  create table engagement (
    tenant text collate "C" not null,
    address_hash bytea not null,
    day integer not null,
    primary key (tenant, address_hash)
  );
  create index engagement_by_day on engagement (day);
`
