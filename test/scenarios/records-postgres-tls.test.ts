// SPDX-License-Identifier: Apache-2.0
/** Records in a PostgreSQL that wants TLS: what each `sslmode` takes from it. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { makeCertificate } from '../../src/app/self-signed-certificate.ts'
import { days } from '../../src/base/brand.ts'
import { SystemClock } from '../../src/base/clock.ts'
import { SystemRandom } from '../../src/base/random.ts'
import type { PostgresOptions, PostgresTls } from '../../src/platform/postgres/place.ts'
import { openPostgresStore } from '../../src/platform/postgres/postgres-store.ts'
import { RunningPostgres, skipWithoutPostgres } from '../support/running-postgres.ts'

describe('a PostgreSQL that wants TLS', { skip: skipWithoutPostgres }, () => {
  let postgres: RunningPostgres
  let authorities: string
  before(async () => {
    postgres = await RunningPostgres.start()
    const names = { commonName: 'localhost', names: ['localhost'], lifetime: days(1) }
    const pair = await makeCertificate(names, new SystemClock(), new SystemRandom())
    authorities = pair.cert
    await postgres.wantTls(pair)
  })
  after(() => postgres[Symbol.asyncDispose]())

  function options(host: string, tls: PostgresTls, given: string | null): PostgresOptions {
    const usual = postgres.options()
    return { ...usual, place: { ...usual.place, host, tls }, authorities: given }
  }

  it('is used by its name where its authority is trusted, or with any certificate where that is asked for', async () => {
    for (const one of [
      options('localhost', 'verify-full', authorities),
      options('127.0.0.1', 'require', null),
    ]) {
      await using store = await openPostgresStore(one)
      assert.deepEqual(await store.tenants.list(), [])
    }
  })

  it('is refused where nobody vouches for it, where it has another name, and in the clear', async () => {
    for (const [one, reason] of [
      [options('localhost', 'verify-full', null), /self-signed certificate/],
      [options('127.0.0.1', 'verify-full', authorities), /IP: 127\.0\.0\.1 is not in the cert/],
      [options('127.0.0.1', 'disable', null), /no encryption/],
    ] as const)
      await assert.rejects(openPostgresStore(one), reason)
  })
})
