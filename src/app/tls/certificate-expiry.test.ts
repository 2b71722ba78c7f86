// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { days, hours, instant } from '../../base/brand.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { SystemRandom } from '../../base/random.ts'
import { makeCertificate } from '../self-signed-certificate.ts'
import { CertificateExpiry } from './certificate-expiry.ts'

const folder = mkdtempSync(join(tmpdir(), 'expiry-'))
const file = join(folder, 'tls.crt')
after(() => rmSync(folder, { recursive: true }))

async function setUp(lifetimeDays: number) {
  const clock = new ManualClock(instant(Date.UTC(2026, 0, 1)))
  const random = new SystemRandom()
  const renew = async () => {
    const options = { commonName: 'relay.example', lifetime: days(lifetimeDays) }
    writeFileSync(file, (await makeCertificate(options, clock, random)).cert)
  }
  await renew()
  const said: string[] = []
  const expiry = new CertificateExpiry((type, text) => said.push(`${type} ${text}`))
  const wait = (time: ReturnType<typeof days>) => {
    clock.advance(time)
    expiry.look(file, clock.now())
    return said.splice(0)
  }
  return { renew, wait }
}

test('The end is said from three weeks before, once a day, and is over with a new certificate', async () => {
  const { renew, wait } = await setUp(90)
  assert.deepEqual(wait(days(68)), [])
  assert.deepEqual(wait(days(1)), [
    `certificate.expiring the certificate ${file} (CN=relay.example) ends in 21 d, 2026-04-01T00:00:00.000Z`,
  ])
  assert.deepEqual(wait(hours(23)), [])
  assert.equal(wait(hours(1)).length, 1)
  await renew()
  assert.deepEqual(wait(days(2)), [])
})

test('Of a certificate for a week it is said in its last quarter, and then that it has ended', async () => {
  const { wait } = await setUp(7)
  assert.deepEqual(wait(days(4)), [])
  assert.match(wait(days(1.5)).join(), /^certificate\.expiring .* ends in 1 d 12 h/)
  assert.match(wait(days(2)).join(), /^certificate\.expired .* ended 2026-01-08T00:00:00\.000Z/)
})
