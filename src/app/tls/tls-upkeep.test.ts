// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { days } from '../../base/brand.ts'
import { silentLog } from '../../base/log.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { SystemRandom } from '../../base/random.ts'
import { makeInstallation } from '../installation.ts'
import { readKeyFile } from '../key-file.ts'
import { LiveConfig } from '../live-config.ts'
import { makeCertificate } from '../self-signed-certificate.ts'
import { TlsUpkeep } from './tls-upkeep.ts'

const folder = mkdtempSync(join(tmpdir(), 'upkeep-'))
after(() => rmSync(folder, { recursive: true }))
const { config } = await makeInstallation({
  folder,
  hostname: 'relay.example',
  dataDir: join(folder, 'data'),
})
const { file, keyFile, certificates } = config
const [pair] = certificates
assert.ok(pair)
const random = new SystemRandom()
const clock = new ManualClock()

function setUp(isKeeper: boolean) {
  const live = LiveConfig.load(file)
  const said: string[] = []
  const announce = (type: string) => void said.push(type)
  const keyring = readKeyFile(keyFile)
  const parts = { live, isKeeper, clock, random, keyring, announce, log: silentLog }
  return { live, said, upkeep: new TlsUpkeep(parts) }
}

test('A pair that was replaced is used from the next look, one that does not fit is not', async () => {
  const { live, upkeep } = setUp(false)
  const before = live.current.tls
  upkeep.look()
  assert.equal(live.current.tls, before)
  const good = readFileSync(pair.key, 'utf8')
  writeFileSync(pair.key, (await makeCertificate({ commonName: 'x' }, clock, random)).key)
  upkeep.look()
  assert.equal(live.current.tls, before)
  writeFileSync(pair.key, good)
  upkeep.look()
  assert.notEqual(live.current.tls, before)
})

test('The keeper replaces the keys of tickets, others take them; and it alone says what ends', async () => {
  const keeper = setUp(true)
  const other = setUp(false)
  const options = { commonName: 'relay.example', lifetime: days(10) }
  const { cert, key } = await makeCertificate(options, clock, random)
  writeFileSync(pair.cert, cert)
  writeFileSync(pair.key, key)
  clock.advance(days(9))
  const before = other.live.current.tls
  keeper.upkeep.look()
  other.upkeep.look()
  assert.notEqual(other.live.current.tls, before)
  assert.deepEqual([keeper.said, other.said], [['certificate.expiring'], []])
  const taken = other.live.current.tls
  clock.advance(days(0.6))
  keeper.upkeep.look()
  other.upkeep.look()
  assert.notEqual(other.live.current.tls, taken)
})
