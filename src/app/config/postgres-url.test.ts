// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parsePostgresUrl } from './postgres-url.ts'

describe('where PostgreSQL is', () => {
  it('is a host, with TLS to that host unless it says less', () => {
    const place = { host: 'db.example.com', port: 5432, user: 'relay', database: 'mail' } as const
    const url = 'postgres://relay@db.example.com/mail'
    assert.deepEqual(parsePostgresUrl(url), { ...place, tls: 'verify-full' })
    assert.equal(parsePostgresUrl(`${url}?sslmode=require`)?.tls, 'require')
    assert.equal(parsePostgresUrl(`${url}?sslmode=disable`)?.tls, 'disable')
    assert.equal(parsePostgresUrl('postgresql://a@[::1]:6432/b')?.host, '::1')
    assert.equal(parsePostgresUrl('postgresql://a@[::1]:6432/b')?.port, 6432)
  })

  it('is this machine, or a socket, without TLS', () => {
    assert.equal(parsePostgresUrl('postgres://a@127.0.0.1/b')?.tls, 'disable')
    assert.deepEqual(parsePostgresUrl('postgres:///mail?host=/run/postgresql'), {
      host: '/run/postgresql',
      port: 5432,
      user: null,
      database: 'mail',
      tls: 'disable',
    })
    assert.equal(parsePostgresUrl('postgres://%2Frun%2Fpostgresql/mail')?.host, '/run/postgresql')
  })

  it('is nothing else, and has no password', () => {
    for (const url of [
      'postgres://a:secret@db.example.com/b',
      'postgres://a@db.example.com/b?password=secret',
      'postgres://a@db.example.com/b?sslmode=prefer',
      'postgres://a@db.example.com/b/c',
      'postgres:///b',
      'mysql://a@db.example.com/b',
      'db.example.com',
    ])
      assert.equal(parsePostgresUrl(url), null, url)
  })
})
