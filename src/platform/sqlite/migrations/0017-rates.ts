// SPDX-License-Identifier: Apache-2.0
/** How much of delivered mail bounces and is complained about. Never changed once released. */

export const rates = `
  create table rates (
    day integer not null,
    tenant text not null,
    dimension text not null check (dimension in ('stream', 'campaign', 'source', 'provider', 'domain')),
    name text not null,
    delivered integer not null,
    bounced integer not null,
    reported integer not null,
    complained integer not null,
    unsubscribed integer not null,
    told integer not null,
    primary key (day, tenant, dimension, name)
  ) strict, without rowid;
`
