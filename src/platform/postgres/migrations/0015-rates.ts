// SPDX-License-Identifier: Apache-2.0
/** How much of delivered mail bounces and is complained about. Never changed once released. */

export const rates = `
  create table rates (
    day bigint not null,
    tenant text collate "C" not null,
    dimension text not null check (dimension in ('stream', 'campaign', 'source', 'provider', 'domain')),
    name text collate "C" not null,
    delivered bigint not null,
    bounced bigint not null,
    reported bigint not null,
    complained bigint not null,
    unsubscribed bigint not null,
    told bigint not null,
    primary key (day, tenant, dimension, name)
  );
`
