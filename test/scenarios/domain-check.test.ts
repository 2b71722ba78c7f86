// SPDX-License-Identifier: Apache-2.0
/** A sending domain beside what the DNS says of it, before and after its owner has published. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CheckedRecordAnswer } from '../../src/api/resources/domains.ts'
import { parseZoneFile } from '../../src/dns/zone-file.ts'
import { ZoneServer } from '../../src/dns/zone-server.ts'
import { namesFrom } from '../support/relay-config.ts'
import { RunningRelay } from '../support/running-relay.ts'

test('"domain check" shows what is missing, and is content when all is published', async () => {
  await using zone = await ZoneServer.start({ zone: 'other.example A 192.0.2.9' })
  await using relay = await RunningRelay.start({
    domains: ['shop.example'],
    config: `${namesFrom(zone)}\n[[source]]\nname = "out"\naddress = "127.0.0.1"\n`,
  })
  const before = await relay.cli('domain', 'check', 'shop.example')
  assert.equal(before.code, 65)
  assert.match(before.stdout, /^missing +dkim +\S+\._domainkey\.shop\.example TXT$/m)
  assert.match(before.stdout, /expected +v=DKIM1; k=rsa; p=/)
  assert.match(before.stdout, /published +nothing/)
  for (const { name, type, value } of await relay.dnsRecordsOf('shop.example')) {
    const line = `${name} ${type} ${type === 'TXT' ? `"${value}"` : value}`
    for (const record of parseZoneFile(line)) zone.zone.add(record)
  }
  const { isReady, records } = (await relay.json('domain', 'check', 'shop.example')) as {
    isReady: boolean
    records: readonly CheckedRecordAnswer[]
  }
  assert.deepEqual(
    records.filter(({ state }) => state !== 'ok'),
    [],
  )
  assert.ok(isReady)
})
