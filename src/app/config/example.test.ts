// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { parse } from 'smol-toml'
import { parseConfig } from './load-config.ts'
import { keysOf } from './problems.ts'

const example = readFileSync(
  new URL('../../../config/posthaste.example.toml', import.meta.url),
  'utf8',
)
/** With the keys that have no default: lines of "#" and no space. */
const whole = example.replace(/^#(?=[a-z[])/gm, '')

const FILE = '/etc/posthaste/posthaste.toml'
const required = 'hostname = "relay.example.com"\ndata_dir = "/var/lib/posthaste"\n'

describe('the example configuration', () => {
  it('states the default of every key that has one', () => {
    assert.deepEqual(parseConfig(example, FILE), parseConfig(required, FILE))
  })

  it('shows every key, and each with a valid value', () => {
    parseConfig(whole, FILE)
    assert.deepEqual(keysMissing(parse(whole), []), [])
  })

  it('says the defaults also of keys in tables that may be repeated', () => {
    const given = parseConfig(whole, FILE)
    const short = `${required}[[trusted]]\nnetwork = "10.20.0.0/16"\ncertificate = "app.example.com"\nstream = "bulk"\n[[route]]\ndomain = "example.net"\nhost = "smtp.example.net"\n[[site]]\ndomain = "partner.example"\ntls = "verify"\n`
    const defaulted = parseConfig(short, FILE)
    assert.deepEqual(given.trusted, defaulted.trusted)
    assert.deepEqual(given.routes, defaulted.routes)
    assert.deepEqual(given.sites, defaulted.sites)
    assert.equal(given.dsn.from, defaulted.dsn.from)
  })

  it('explains every key in a comment above it', () => {
    const lines = example.split('\n')
    const bare = lines.filter(
      (line, at) => /^#?\[/.test(line) && !/^# /.test(lines[at - 1] ?? '') && line !== '[retry]',
    )
    assert.deepEqual(bare, [])
  })
})

function keysMissing(table: unknown, path: readonly (string | number)[]): string[] {
  if (Array.isArray(table))
    return table.flatMap((item, at) =>
      typeof item === 'object' ? keysMissing(item, [...path, at]) : [],
    )
  if (typeof table !== 'object' || table === null) return []
  const missing = keysOf(path)
    .filter((key) => !(key in table))
    .map((key) => [...path, key].join('.'))
  const inside = Object.entries(table).flatMap(([key, value]) =>
    typeof value === 'object' ? keysMissing(value, [...path, key]) : [],
  )
  return [...missing, ...inside]
}
