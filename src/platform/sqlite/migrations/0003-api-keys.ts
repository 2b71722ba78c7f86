// SPDX-License-Identifier: Apache-2.0
/** Keys of the HTTP API. Never changed once released. */

export const apiKeys = `
  create table api_keys (
    id text primary key,
    tenant text references tenants (id),
    label text not null,
    scopes text not null,
    allowed_from text not null,
    expires_at integer,
    secret_sha256 blob not null,
    created_at integer not null
  ) strict;
`
