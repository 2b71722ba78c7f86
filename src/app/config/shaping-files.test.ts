// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { parse } from 'smol-toml'
import { clientTimeouts } from '../../base/limits/limits.ts'
import { providerOfHost, providers } from '../../protocol/classify/provider.ts'
import type { ShapingRules } from '../../queue/shaping/rules.ts'
import { timeoutsOf } from '../../queue/shaping/timeouts.ts'
import { loadConfig } from './load-config.ts'
import { readShaping } from './shaping-files.ts'

/** Reads the shipped rules with `own` beside them; `delivery` are keys of [delivery]. */
function reading(own: string, delivery = ''): { readonly rules: ShapingRules } {
  const folder = mkdtempSync(join(tmpdir(), 'shaping-'))
  try {
    const file = join(folder, 'posthaste.toml')
    const start = 'hostname = "relay.example.com"\ndata_dir = "data"\n'
    writeFileSync(file, `${start}[delivery]\nshaping = "rules"\n${delivery}`)
    mkdirSync(join(folder, 'rules'))
    writeFileSync(join(folder, 'rules', 'own.toml'), own)
    return { rules: readShaping(loadConfig(file)) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const google = {
  hosts: [{ name: 'gmail-smtp-in.l.google.com', addresses: [] }],
  domainRule: null,
  source: 'default',
}

describe('The shaping rules that come with the program', () => {
  it('can be read, and each of their patterns hits a sample', () => {
    const { provider, settings } = reading('').rules.limitsOf(google)
    assert.equal(provider, 'google')
    assert.equal(settings.providerConnections?.value, 5)
    assert.equal(settings.tls?.value, 'require')
    const { file, line } = settings.providerConnections?.origin ?? {}
    assert.equal(file, 'config/shaping/providers.toml')
    assert.ok(Number(line) > 1)
  })

  it('name the same providers as the classification of replies, which knows their hosts', () => {
    const { rules } = reading('')
    assert.deepEqual(rules.providers.toSorted(), providers.toSorted())
    const file = join(import.meta.dirname, '../../../config/shaping/providers.toml')
    const { provider: tables } = parse(readFileSync(file, 'utf8')) as unknown as {
      readonly provider: readonly { readonly name: string; readonly samples: readonly string[] }[]
    }
    for (const { name, samples } of tables)
      for (const host of samples) assert.equal(providerOfHost(host), name, host)
  })

  it('stand above what the configuration says, with the line on which it says it', () => {
    const { rules } = reading('', 'connections_per_site = 3\n')
    const { settings } = rules.limitsOf(google)
    assert.equal(settings.connections?.value, 3)
    assert.equal(settings.connections?.origin.line, 5)
    assert.equal(settings.messagesPerConnection?.value, 50)
  })

  it('are changed by the operator key by key', () => {
    const own =
      '[[provider]]\nname = "google"\nprovider_connections = "unset"\nmessage_rate = "10/s"\n'
    const { settings } = reading(own).rules.limitsOf(google)
    assert.equal(settings.providerConnections?.value, null)
    assert.deepEqual(settings.messageRate?.value, { count: 10, per: 1_000, burst: 1 })
    assert.equal(settings.messagesPerConnection?.value, 50)
  })

  it('may say for everybody what the configuration says, which then counts less', () => {
    const { rules } = reading('[default]\nconnections = 4\nmessage_rate = "1/s"\n')
    const { connections, messageRate } = rules.limitsOf(google).settings
    assert.equal(connections?.value, 4)
    assert.match(`${connections?.origin.file}:${connections?.origin.line}`, /own\.toml:2$/)
    assert.equal(messageRate?.value?.count, 1)
  })

  it('set time-outs over those of the configuration, and unset them at any level', () => {
    const own =
      '[[provider]]\nname = "google"\nrcpt_timeout = "30s"\n[[source]]\nsource = ["default"]\nmail_timeout = "unset"\n'
    const { rules } = reading(own, 'timeouts.mail = "40s"\ntimeouts.rcpt = "50s"\n')
    const { settings } = rules.limitsOf(google)
    assert.deepEqual([settings.rcptTimeout?.value, settings.rcptTimeout?.origin.line], [30_000, 3])
    assert.deepEqual([settings.mailTimeout?.value, settings.mailTimeout?.origin.line], [null, 6])
    const times = timeoutsOf(settings)
    assert.deepEqual([times.rcptMs, times.mailMs], [30_000, clientTimeouts.mailMs])
    const other = rules.limitsOf({
      ...google,
      hosts: [{ name: 'mx.else.example', addresses: [] }],
      source: 'out-2',
    })
    assert.equal(timeoutsOf(other.settings).mailMs, 40_000)
    assert.equal(other.settings.mailTimeout?.origin.line, 5)
  })
})

describe('Shaping rules are refused with file and line', () => {
  for (const [what, own, expected] of [
    [
      'for an unknown key',
      '[[provider]]\nname = "x"\nmx_suffx = [".x.example"]\n',
      /own\.toml:3: provider\.mx_suffx: unknown key; did you mean "mx_suffix"\?/,
    ],
    [
      'for a suffix without its first dot, which would hit more than was meant',
      '[[provider]]\nname = "x"\nmx_suffix = ["x.example"]\n',
      /own\.toml:3: provider\.mx_suffix: found .* expected a suffix of host names such as/,
    ],
    [
      'for a value that is no rate',
      '[[domain]]\ndomain = ["x.example"]\nmessage_rate = "10 a second"\n',
      /own\.toml:3: domain\.message_rate: .* expected a rate such as .*, or "unset"/,
    ],
    [
      'for a time-out that was meant otherwise',
      '[[provider]]\nname = "google"\ngreeting_timeout = "5ms"\n',
      /own\.toml:3: provider\.greeting_timeout: found "5ms", expected a length of time from 1\.0 s to 1 h with its unit, such as "90s" or "5m", or "unset"/,
    ],
    [
      'for a range that begins elsewhere than it is said',
      '[[site]]\nmx_address = ["192.0.2.7/24"]\n',
      /own\.toml:2: site\.mx_address: found "192\.0\.2\.7\/24", expected the first address of its range, "192\.0\.2\.0\/24"/,
    ],
    [
      'for what is no range, or everybody',
      '[[site]]\nmx_address = ["0.0.0.0/0"]\n',
      /own\.toml:2: site\.mx_address: .* expected a range of addresses such as .*"\/0" would be everybody/,
    ],
    [
      'for a range within another one of its table',
      '[[site]]\nmx_address = ["192.0.2.0/24", "192.0.2.128/25"]\n',
      /own\.toml:1: \[\[site\]\]: "192\.0\.2\.128\/25" is within "192\.0\.2\.0\/24" of the same table, and never counts/,
    ],
    [
      'for two values for one range, however it is spelled',
      '[[site]]\nmx_address = ["2001:DB8::/32"]\nconnections = 2\n[[site]]\nmx_address = ["2001:db8:0::/32"]\nconnections = 3\n',
      /own\.toml:4: \[\[site\]\]: two values of connections for 2001:db8::\/32: 3 here, 2 at .*own\.toml:3/,
    ],
    [
      'where a range is of two providers',
      '[[provider]]\nname = "x"\nmx_address = ["192.0.2.0/24"]\n[[provider]]\nname = "y"\nmx_address = ["192.0.2.0/24"]\n',
      /own\.toml:4: \[\[provider\]\]: "192\.0\.2\.0\/24" is of the provider "x"/,
    ],
    [
      'where no sample is in a range',
      '[[provider]]\nname = "x"\nmx_address = ["192.0.2.0/24", "2001:db8::/48"]\nsamples = ["192.0.2.5", "198.51.100.1"]\n',
      /no sample is hit by "2001:db8::\/48"\n.*the sample "198\.51\.100\.1" is hit by none of its patterns/,
    ],
    [
      'where they match nobody',
      '[[provider]]\nname = "x"\nconnections = 2\n',
      /own\.toml:1: \[\[provider\]\]: matches nobody/,
    ],
    [
      'where they name a source that is not there',
      '[[source]]\nsource = ["out-9"]\nconnections = 2\n',
      /own\.toml:1: \[\[source\]\]: can never match, since there is no source "out-9"/,
    ],
    [
      'where they name a provider that is not there',
      '[[source]]\nsource = ["default"]\nprovider = "gogle"\nconnections = 2\n',
      /there is no provider "gogle"; did you mean "google"\?/,
    ],
    [
      'where they take a pattern from another provider',
      '[[provider]]\nname = "x"\nmx_suffix = [".google.com"]\n',
      /"\.google\.com" is of the provider "google" \(config\/shaping\/providers\.toml:\d+\)/,
    ],
    [
      'where two say different things for the same',
      '[[domain]]\ndomain = ["x.example"]\nconnections = 2\n[[domain]]\ndomain = ["x.example"]\nconnections = 3\n',
      /own\.toml:4: \[\[domain\]\]: two values of connections for x\.example: 3 here, 2 at .*own\.toml:3/,
    ],
    [
      'where a sample is hit by no pattern',
      '[[provider]]\nname = "x"\nmx_suffix = [".x.example"]\nsamples = ["mx.y.example"]\n',
      /no sample is hit by "\.x\.example"/,
    ],
  ] as const)
    it(what, () => {
      assert.throws(() => reading(own), { code: 'RLY_CONFIG_INVALID', message: expected })
    })
})
