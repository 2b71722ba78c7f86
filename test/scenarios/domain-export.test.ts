// SPDX-License-Identifier: Apache-2.0
/** The records of a domain as a zone file, read by BIND's own checker where it is installed, and by ours. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { zoneText } from '../../src/records/domains/dns-records.ts'
import { CommandLine } from '../support/command-line.ts'
import { DomainRig } from '../support/domain-rig.ts'
import { programNamed } from '../support/installed.ts'
import type { Published } from '../support/published-records.ts'

const checkzone = programNamed('named-checkzone')
if (checkzone === null) console.log('skipped: no named-checkzone (Debian package bind9-utils)')

/** What an owner has already, with the names that BIND wants of every zone. */
const FRAME = `$TTL 300
shop.example. IN SOA ns.shop.example. hostmaster.shop.example. 1 3600 600 86400 300
shop.example. IN NS ns.shop.example.
ns.shop.example. IN A 192.0.2.53
`

/** As BIND reads them: each record on a line of its own, names absolute, strings apart. */
function readByBind(program: string, zone: string): readonly Published[] {
  const folder = mkdtempSync(join(tmpdir(), 'posthaste-zone-'))
  try {
    const file = join(folder, 'zone')
    writeFileSync(file, FRAME + zone)
    const options = ['-D', '-i', 'local', '-s', 'full', 'shop.example', file]
    const { status, stdout, stderr } = spawnSync(program, options, { encoding: 'utf8' })
    assert.equal(status, 0, `${stdout}${stderr}`)
    assert.doesNotMatch(stderr, /warning|ignored/)
    return stdout.split('\n').flatMap((line) => {
      const [, name, type, data = ''] =
        /^(\S+)\.\s+\d+\s+IN\s+(TXT|MX|CNAME)\s+(.*)$/.exec(line) ?? []
      if (name === undefined) return []
      const strings = [...data.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) =>
        text.replaceAll(/\\(.)/g, '$1'),
      )
      const value = type === 'TXT' ? strings.join('') : data.replace(/\.$/, '')
      return [{ name, type: type as Published['type'], value }]
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function sorted(records: readonly Published[]): readonly string[] {
  return records.map(({ name, type, value }) => `${name} ${type} ${value}`).sort()
}

interface Exported extends Published {
  readonly ttl: number
}

describe('the records of a domain', () => {
  it('are exported as fields and as lines, the same in both', async () => {
    await using shell = await CommandLine.open()
    await shell.init('relay.example')
    await shell.json('domain', 'add', 'shop.example')
    const fields = await shell.run('domain', 'records', 'shop.example', '--format', 'json')
    const records = JSON.parse(fields.stdout) as readonly Exported[]
    assert.ok(records.every(({ ttl }) => ttl === 3_600))
    const { stdout: zone } = await shell.run('domain', 'records', 'shop.example')
    for (const { name, type } of records) assert.ok(zone.includes(`${name}. 3600 IN ${type} `))
    if (checkzone !== null) assert.deepEqual(sorted(readByBind(checkzone, zone)), sorted(records))
  })
})

describe('the zone file of a domain', () => {
  it('says to BIND what the records are', { skip: checkzone === null }, async () => {
    await using rig = await DomainRig.open()
    const { dns } = await rig.add('shop.example')
    assert.deepEqual(sorted(readByBind(String(checkzone), zoneText(dns))), sorted(dns))
  })
})
