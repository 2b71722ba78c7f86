// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { RelayError } from '../../base/errors.ts'
import { parseConfig } from './load-config.ts'

const required = 'hostname = "relay.example.com"\ndata_dir = "/d"\n'

/** The lines of the error for a text that begins with the two required keys. */
function problems(text: string, start = required): string[] {
  try {
    parseConfig(start + text, 'p.toml')
  } catch (thrown) {
    assert.ok(thrown instanceof RelayError && thrown.code === 'RLY_CONFIG_INVALID', String(thrown))
    return thrown.message.split('\n')
  }
  return []
}

describe('parseConfig', () => {
  it('fills in defaults that depend on other keys, and resolves file names', () => {
    const config = parseConfig(
      'hostname = "Relay.Example.com"\ndata_dir = "data"\n',
      '/etc/ph/posthaste.toml',
    )
    assert.equal(config.hostname, 'relay.example.com')
    assert.equal(config.nodeName, 'relay.example.com')
    assert.equal(config.dataDir, '/etc/ph/data')
    assert.equal(config.keyFile, '/etc/ph/posthaste.key')
    assert.equal(config.certificates[0]?.key, '/etc/ph/tls.key')
    assert.deepEqual(config.sources, [
      {
        name: 'default',
        localAddress: null,
        publicAddress: null,
        proxy: null,
        ehloName: 'relay.example.com',
      },
    ])
    assert.equal(config.dsn.from, 'postmaster@relay.example.com')
  })

  it('is frozen to the bottom', () => {
    const config = parseConfig(required, '/p.toml')
    assert.ok(Object.isFrozen(config.listeners[0]?.addresses) && Object.isFrozen(config.sources))
  })

  it('reads every kind of value', () => {
    const config = parseConfig(
      `${required}[[listener]]\naddresses = ["[::1]:587"]\nmax_message_size = "25 MiB"
[dns]\nservers = ["127.0.0.1", "[::1]:5353"]
[[trusted]]\nnetwork = "10.0.0.0/8"\n[[trusted]]\nnetwork = "::1"
[[route]]\ndomain = "*.example.net"\nhost = "127.0.0.1"\nport = 2526\n[[route]]\ndomain = "*"\nhost = "smart.example"
[delivery]\ntimeouts.connect = "1h 30m"\n`,
      '/p.toml',
    )
    assert.deepEqual(config.listeners[0]?.addresses, [{ host: '::1', port: 587 }])
    assert.equal(config.listeners[0]?.maxMessageSize, 25 * 1_024 * 1_024)
    assert.deepEqual(config.dns.servers, [
      { host: '127.0.0.1', port: 53 },
      { host: '::1', port: 5353 },
    ])
    assert.deepEqual(
      config.trusted.map(({ network, tenant, stream }) => ({ ...network, tenant, stream })),
      [
        { address: '10.0.0.0', prefix: 8, family: 4, tenant: 'default', stream: null },
        { address: '::1', prefix: 128, family: 6, tenant: 'default', stream: null },
      ],
    )
    assert.deepEqual(config.routes, [
      { domain: { kind: 'suffix', suffix: 'example.net' }, host: '127.0.0.1', port: 2526 },
      { domain: { kind: 'any' }, host: 'smart.example', port: 25 },
    ])
    assert.equal(config.delivery.timeouts.connect, 5_400_000)
  })

  it('names file, line, key and the nearest valid name of an unknown key', () => {
    assert.deepEqual(problems('[[listener]]\nadresses = ["127.0.0.1:1"]\n'), [
      'p.toml:4: listener.adresses: unknown key; did you mean "addresses"?',
    ])
    assert.deepEqual(problems('[[source]]\nname = "a"\n\nxyzzyxy = 1\n'), [
      'p.toml:6: source.xyzzyxy: unknown key; valid here: name, address, public_address, ehlo, proxy',
    ])
    assert.deepEqual(problems('[delvery]\nidle = "1s"\n'), [
      'p.toml:3: delvery: unknown key; did you mean "delivery"?',
    ])
  })

  it('lists all problems at once, in the order of their lines', () => {
    assert.deepEqual(
      problems('log_level = "inf"\n[delivery]\nport = 70000\nidle = 5\n[dns]\nservers = "x"\n', ''),
      [
        'p.toml:1: hostname: missing, expected a host name such as "relay.example.com"',
        'p.toml:1: data_dir: missing, expected the name of a file or folder',
        'p.toml:1: log_level: found "inf", expected "debug" or "info" or "warn" or "error"; did you mean "info"?',
        'p.toml:3: delivery.port: found 70000, expected a whole number from 1 to 65535',
        'p.toml:4: delivery.idle: found 5, expected a length of time above zero with its unit, such as "90s" or "1h 30m"',
        'p.toml:6: dns.servers: found "x", expected a list',
      ],
    )
  })

  for (const [name, text, expected] of [
    ['what is no TOML', 'log_level == 1\n', /^p\.toml:3: column \d+: this is not TOML: /],
    ['a key given twice', 'hostname = "a.b"\n', /^p\.toml:3: column \d+: this is not TOML: /],
    [
      'a value in place of a table',
      'delivery = 3\n',
      /p\.toml:3: delivery: found 3, expected a table/,
    ],
    [
      'a table in place of a value',
      'key_file = {}\n',
      /key_file: found a table, expected the name/,
    ],
    [
      'a port that cannot be',
      'operations.address = "127.0.0.1:99999"\n',
      /found "127.0.0.1:99999", expected an address and a port/,
    ],
    [
      'a listener without a port',
      'operations.address = "127.0.0.1"\n',
      /expected an address and a port/,
    ],
    [
      'a password in a URL, which it does not show',
      '[store]\npostgres = "postgres://relay:sec@ret@db.example.com/mail"\n',
      /^p\.toml:4: store\.postgres: found "postgres:\/\/relay:…@db\.example\.com\/mail", expected where PostgreSQL is/,
    ],
    [
      'a password among the parameters of a URL',
      '[store]\npostgres = "postgres://relay@db.example.com/mail?password=secret"\n',
      /found "postgres:\/\/relay@db\.example\.com\/mail\?password=…", expected/,
    ],
    [
      'a password for no PostgreSQL',
      '[store]\npassword_file = "p"\n',
      /^p\.toml:4: store\.password_file: is for PostgreSQL, expected postgres beside it/,
    ],
    [
      'a schema that would want quotes',
      '[store]\nschema = "My-Schema"\n',
      /store\.schema: found "My-Schema", expected lower-case letters/,
    ],
    [
      'a name to listen on',
      'operations.address = "localhost:80"\n',
      /expected an address and a port/,
    ],
    [
      'listeners that overlap',
      'operations.address = "0.0.0.0:2525"\n',
      /^p\.toml:3: operations\.address: port 2525 is taken by the listener "submission"/,
    ],
    [
      'a wrong network',
      '[[trusted]]\nnetwork = "10.0.0.0/33"\n',
      /^p\.toml:4: trusted\.network: found "10.0.0.0\/33", expected a network/,
    ],
    [
      'two listeners of one name',
      '[[listener]]\n[[listener]]\naddresses = ["127.0.0.1:1"]\n',
      /^p\.toml:4: listener\.name: the same as in the \[\[listener\]\] number 1/,
    ],
    [
      'two listeners on one port',
      '[[listener]]\nname = "a"\n[[listener]]\nname = "b"\naddresses = ["0.0.0.0:2525"]\n',
      /^p\.toml:7: listener\.addresses: port 2525 is taken by the listener "a"/,
    ],
    ['trust of nobody', '[[trusted]]\ntenant = "default"\n', /^p\.toml:3: trusted: names nobody/],
    ['a network of everybody', '[[trusted]]\nnetwork = "0.0.0.0/0"\n', /would be anybody/],
    [
      'a source without a name',
      '[[source]]\naddress = "192.0.2.1"\n',
      /^p\.toml:3: source\.name: missing, expected/,
    ],
    [
      'two sources of one name',
      '[[source]]\nname = "a"\n[[source]]\nname = "a"\n',
      /^p\.toml:6: source\.name: the same as in the \[\[source\]\] number 1/,
    ],
    [
      'two routes for one domain',
      '[[route]]\ndomain = "a.b"\nhost = "x.y"\n[[route]]\ndomain = "a.b"\nhost = "z"\n',
      /^p\.toml:7: route\.domain: the same as/,
    ],
    [
      'two rules for one site',
      '[[site]]\ndomain = "a.b"\ntls = "none"\n[[site]]\ndomain = "a.b"\ntls = "verify"\n',
      /^p\.toml:7: site\.domain: the same as/,
    ],
    [
      'names of certificates that nobody looks at',
      '[[site]]\ndomain = "a.b"\ntls = "require"\ntls_names = ["mx.a.b"]\n',
      /^p\.toml:6: site\.tls_names: names are looked at with tls = "verify" alone/,
    ],
    [
      'a source that is every address',
      '[[source]]\nname = "a"\naddress = "::"\n',
      /^p\.toml:5: source\.address: found "::"/,
    ],
    [
      'a key file inside of the data',
      'key_file = "/d/posthaste.key"\n',
      /^p\.toml:3: key_file: .*outside/,
    ],
    [
      'an empty schedule',
      '[retry.bulk]\nafter = []\n',
      /retry\.bulk\.after: found an empty list, expected at least one value/,
    ],
    [
      'a wrong wait in a schedule',
      '[retry.bulk]\nafter = [\n  "5m",\n  "5 x",\n]\n',
      /^p\.toml:4: retry\.bulk\.after: found "5 x"/,
    ],
    [
      'a size without a unit',
      '[spool]\nlow_water = "64"\n',
      /found "64", expected a size with its unit/,
    ],
    [
      'a control character',
      'key_file = "\\u0000"\n',
      /key_file: found "\\u0000", expected the name of a file/,
    ],
  ] as const)
    it(`refuses ${name}`, () => assert.match(problems(text).join('\n'), expected))

  it('answers any text with a configuration or with problems that have a file and a line', () => {
    const words = fc.constantFrom(
      ...['[', ']', '=', '.', '"', '\n', '#', '{', '}', '"""', ',', ' ', '1', 'true'],
      ...['source', 'name', 'delivery', 'listener', 'addresses', 'hostname', 'a.b', '__proto__'],
    )
    fc.assert(
      fc.property(fc.array(words, { maxLength: 40 }), (parts) => {
        for (const problem of problems(parts.join(''))) assert.match(problem, /^p\.toml:\d+: /)
      }),
      { numRuns: 2_000 },
    )
  })
})
