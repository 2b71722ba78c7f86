// SPDX-License-Identifier: Apache-2.0
/**
 * Where PostgreSQL is, as libpq writes it: `postgres://user@host:5432/database?sslmode=…`, or for a Unix socket
 * `postgres:///database?host=/run/postgresql&user=…`.
 *
 * A password has no place in it: a file that everybody may read, or an error that shows it, would give it away.
 */
import type { PostgresPlace } from '../../platform/postgres/place.ts'

const DEFAULT_PORT = 5432
const PARAMETERS: readonly string[] = ['host', 'user', 'sslmode']
const LOOPBACK: readonly string[] = ['localhost', '127.0.0.1', '::1']

/** Over a network TLS to the host that is meant, unless `sslmode` says less. */
export function parsePostgresUrl(text: string): PostgresPlace | null {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !/^postgres(?:ql)?:$/.test(url.protocol)) return null
  const { searchParams: given } = url
  if (url.password !== '' || [...given.keys()].some((name) => !PARAMETERS.includes(name)))
    return null
  const host = decoded(url.hostname).replace(/^\[(.*)\]$/, '$1') || given.get('host')
  const user = decoded(url.username) || given.get('user')
  const database = decoded(url.pathname.slice(1)) || user
  const isLocal = host?.startsWith('/') || LOOPBACK.includes(host ?? '')
  const tls = given.get('sslmode') ?? (isLocal ? 'disable' : 'verify-full')
  if (!host || !database || database.includes('/')) return null
  if (tls !== 'disable' && tls !== 'require' && tls !== 'verify-full') return null
  return { host, port: url.port === '' ? DEFAULT_PORT : Number(url.port), user, database, tls }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    // A "%" that stands for nothing: no host or database is called so.
    return ''
  }
}
