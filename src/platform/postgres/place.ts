// SPDX-License-Identifier: Apache-2.0
/** Where a PostgreSQL is, and as whom we come. */
/** What a connection is worth: in the clear, encrypted with whoever answers, or encrypted with the host that was meant. */
export type PostgresTls = 'disable' | 'require' | 'verify-full'

export interface PostgresPlace {
  /** A name, an address, or the folder of a Unix socket. */
  readonly host: string
  readonly port: number
  /** `null`: as the system calls us. */
  readonly user: string | null
  readonly database: string
  readonly tls: PostgresTls
}

export interface PostgresOptions {
  readonly place: PostgresPlace
  /** Our tables are in it, and nobody else's. */
  readonly schema: string
  /** PEM of authorities that are trusted beside the well-known ones. */
  readonly authorities: string | null
  /** Asked at each connection. `null`: PGPASSWORD, or ~/.pgpass. */
  readonly password: (() => string) | null
}

/** For people: never the password. */
export function placeText({ host, port, database }: PostgresPlace): string {
  return host.startsWith('/') ? `${host}, database ${database}` : `${host}:${port}/${database}`
}
