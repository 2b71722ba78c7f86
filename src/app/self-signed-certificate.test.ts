// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import test from 'node:test'
import { createSecureContext } from 'node:tls'
import { days, instant } from '../base/brand.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { SystemRandom } from '../base/random.ts'
import { makeCertificate } from './self-signed-certificate.ts'

const clock = new ManualClock(instant(Date.UTC(2026, 0, 1)))

test('a certificate names its hosts and addresses, fits its key and lasts ten years', async () => {
  const addresses = ['127.0.0.1', '::1', '2001:db8::10']
  const options = { commonName: 'relay.example.org', names: ['localhost'], addresses }
  const { key, cert } = await makeCertificate(options, clock, new SystemRandom())

  const parsed = new X509Certificate(cert)
  assert.ok(createSecureContext({ key, cert }))
  assert.ok(parsed.checkHost('relay.example.org'))
  assert.ok(parsed.checkHost('localhost'))
  assert.equal(parsed.checkHost('other.example.org'), undefined)
  for (const address of addresses) assert.ok(parsed.checkIP(address), address)
  assert.ok(parsed.verify(parsed.publicKey), 'it vouches for itself')
  assert.equal(parsed.subject, 'CN=relay.example.org')
  assert.equal(parsed.validFromDate.toISOString(), '2025-12-31T00:00:00.000Z')
  assert.equal(parsed.validToDate.toISOString(), '2035-12-30T00:00:00.000Z')
})

test('a certificate may last beyond 2049 and have more names than fit in 127 octets', async () => {
  const names = Array.from({ length: 40 }, (_, at) => `host-${at}.example.org`)
  const options = { commonName: 'relay.example.org', names, lifetime: days(20_000) }
  const parsed = new X509Certificate(
    (await makeCertificate(options, clock, new SystemRandom())).cert,
  )
  assert.ok(parsed.checkHost('host-39.example.org'))
  assert.equal(parsed.validToDate.getUTCFullYear(), 2080)
})
