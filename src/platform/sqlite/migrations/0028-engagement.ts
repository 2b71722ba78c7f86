// SPDX-License-Identifier: Apache-2.0
/** When recipients last showed that mail is welcome. Never changed once released. */

export const engagement = `
  create table engagement (
    tenant text not null,
    address_hash blob not null,
    day integer not null,
    primary key (tenant, address_hash)
  ) strict, without rowid;
  create index engagement_by_day on engagement (day);
`
