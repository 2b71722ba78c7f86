// SPDX-License-Identifier: Apache-2.0
/** From the configuration to a connection; `null` where the records are in their file. */
import { readFileSync } from 'node:fs'
import type { PostgresOptions } from '../platform/postgres/place.ts'
import type { Config } from './config/config.ts'
import { readPassword } from './password-file.ts'

export function postgresOptions({ store }: Config): PostgresOptions | null {
  const { postgres, schema, passwordFile, tlsCa } = store
  if (postgres === null) return null
  return {
    place: postgres,
    schema,
    authorities: tlsCa === null ? null : readFileSync(tlsCa, 'utf8'),
    password: passwordFile === null ? null : () => readPassword(passwordFile),
  }
}
