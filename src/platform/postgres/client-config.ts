// SPDX-License-Identifier: Apache-2.0
/** What the driver needs to know for a connection. */
import { userInfo } from 'node:os'
import { rootCertificates } from 'node:tls'
import type pg from 'pg'
import type { PostgresOptions, PostgresPlace } from './place.ts'
import { types } from './types.ts'

const CONNECT_TIMEOUT_MS = 5_000

export function clientConfig(options: PostgresOptions): pg.ClientConfig {
  const { place, schema, authorities, password } = options
  return {
    host: place.host,
    port: place.port,
    user: place.user ?? userInfo().username,
    database: place.database,
    ...(password === null ? {} : { password }),
    ssl: place.tls === 'disable' ? false : tlsOptions(place, authorities),
    application_name: 'posthaste',
    options: `-c search_path=${schema}`,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    types,
  }
}

function tlsOptions({ tls }: PostgresPlace, authorities: string | null) {
  const ca = authorities === null ? {} : { ca: [...rootCertificates, authorities] }
  return { rejectUnauthorized: tls === 'verify-full', ...ca }
}
