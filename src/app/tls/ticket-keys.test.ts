// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { hours, instant, plus } from '../../base/brand.ts'
import { newKeyFile, parseKeyFile } from '../../base/keyring.ts'
import { SystemRandom } from '../../base/random.ts'
import { readTicketKeys, renewTicketKeys, ticketKeyFile } from './ticket-keys.ts'

const random = new SystemRandom()
const keyring = parseKeyFile(newKeyFile(random), 'k', random)
const dataDir = mkdtempSync(join(tmpdir(), 'tickets-'))
const place = { dataDir, keyring }
const start = instant(Date.UTC(2026, 0, 1))
after(() => rmSync(dataDir, { recursive: true }))

test('Keys are made once, read by everybody with the key file, and replaced when they are old', () => {
  assert.equal(readTicketKeys(place), null)
  renewTicketKeys(place, start, random)
  const keys = readTicketKeys(place)
  assert.equal(keys?.length, 48)
  renewTicketKeys(place, plus(start, hours(11)), random)
  assert.deepEqual(readTicketKeys(place), keys)
  renewTicketKeys(place, plus(start, hours(12)), random)
  assert.notDeepEqual(readTicketKeys(place), keys)
})

test('A clock that was set back makes new keys', () => {
  renewTicketKeys(place, plus(start, hours(100)), random)
  const keys = readTicketKeys(place)
  renewTicketKeys(place, start, random)
  assert.notDeepEqual(readTicketKeys(place), keys)
})

test('They lie sealed, and for nobody else', () => {
  renewTicketKeys(place, start, random)
  const file = readFileSync(ticketKeyFile(dataDir))
  assert.equal(file.includes(readTicketKeys(place) ?? 'none'), false)
  assert.equal(statSync(ticketKeyFile(dataDir)).mode & 0o777, 0o600)
})

test('What another key file has sealed, or nobody, is no keys, and is replaced', () => {
  const other = { dataDir, keyring: parseKeyFile(newKeyFile(random), 'k', random) }
  assert.equal(readTicketKeys(other), null)
  writeFileSync(ticketKeyFile(dataDir), 'x')
  assert.equal(readTicketKeys(place), null)
  renewTicketKeys(place, start, random)
  assert.equal(readTicketKeys(place)?.length, 48)
})
