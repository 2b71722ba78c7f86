// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { CommandLine } from '../support/command-line.ts'

interface Dns {
  readonly name: string
  readonly type: string
  readonly value: string
}

interface Domain {
  readonly name: string
  readonly keys: readonly { readonly selector: string }[]
  readonly dns: readonly Dns[]
  readonly zone: string
}

describe('commands over records', () => {
  let shell: CommandLine

  before(async () => {
    shell = await CommandLine.open()
    await shell.init('relay.example.com')
  })
  after(() => shell[Symbol.asyncDispose]())

  it('add, list, show and remove a tenant', async () => {
    const added = await shell.run('tenant', 'add', 'acme', '--name', 'Acme Ltd')
    assert.deepEqual([added.code, added.stderr], [0, ''])
    assert.match(added.stdout, /Added tenant acme\. Next: posthaste credential add --tenant acme/)
    const listed = await shell.run('tenant', 'list')
    assert.match(listed.stdout, /^ID +NAME +ADDED\nacme +Acme Ltd +20.* UTC\ndefault /)
    const shown = await shell.run('tenant', 'show', 'acme')
    assert.match(
      shown.stdout,
      /^streams +bulk, transactional\ndefault stream +transactional\ndomains +none yet$/m,
    )
    assert.equal((await shell.run('tenant', 'remove', 'acme')).stdout, 'Removed tenant acme.\n')
    const left = await shell.json('tenant', 'list')
    assert.deepEqual(
      (left as readonly { id: string }[]).map(({ id }) => id),
      ['default'],
    )
  })

  it('add a stream with what its kind says, and with what is asked for', async () => {
    const bulk = await shell.json('stream', 'add', 'news', '--kind', 'bulk')
    assert.deepEqual(pick(bulk, 'tenant', 'priority', 'isDefault'), {
      tenant: 'default',
      priority: 5,
      isDefault: false,
    })
    const quick = await shell.json(
      ...['stream', 'add', 'codes', '--kind', 'transactional', '--priority', '0'],
      ...['--retry-after', '10s, 1m', '--expires-after', '15m', '--share-transactions'],
    )
    assert.deepEqual(pick(quick, 'priority', 'retryAfterMs', 'expiresAfterMs'), {
      priority: 0,
      retryAfterMs: [10_000, 60_000],
      expiresAfterMs: 900_000,
    })
    const shown = await shell.run('stream', 'show', 'codes')
    assert.match(shown.stdout, /^retries after +10 s, 1 m$/m)
    assert.equal((await shell.run('stream', 'remove', 'codes')).code, 0)
    assert.match((await shell.run('stream', 'list')).stdout, /^default +news +bulk +5 +4 d/m)
  })

  it('show the secret of a credential once', async () => {
    const added = await shell.run('credential', 'add', '--label', 'web shop')
    const secret = /ph_([0-9A-Z]{10})_[0-9A-Z]{32}/.exec(added.stdout)
    assert.ok(secret?.[1])
    const shown = await shell.run('credential', 'show', secret[1])
    assert.match(shown.stdout, /^label +web shop$/m)
    const all = JSON.stringify(await shell.json('credential', 'list'))
    assert.ok(!all.includes('ecret'), 'neither the secret nor its hash')
    await shell.json('credential', 'remove', secret[1])
    const empty = await shell.run('credential', 'list')
    assert.match(empty.stdout, /^No credential yet\. Add one: posthaste credential add/)
  })

  it('make the DNS records of a domain', async () => {
    const empty = await shell.run('domain', 'list')
    assert.equal(empty.stdout, 'No domain yet. Add one: posthaste domain add example.com\n')
    const { keys, dns, zone } = (await shell.json('domain', 'add', 'example.com')) as Domain
    const year = new Date().getUTCFullYear()
    assert.deepEqual(
      keys.map(({ selector }) => selector),
      [`ph${year}a`, `ph${year}b`],
    )
    const der = Buffer.from(tagP(dns[0]), 'base64')
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' })
    assert.equal(key.asymmetricKeyDetails?.modulusLength, 2_048)
    assert.equal(Buffer.from(tagP(dns[1]), 'base64').length, 32)
    const shown = await shell.run('domain', 'show', 'EXAMPLE.com')
    assert.ok(shown.stdout.endsWith(`Publish in the DNS:\n\n${zone}`))
    assert.equal((await shell.run('domain', 'records', 'example.com')).stdout, zone)
    assert.equal((await shell.run('domain', 'remove', 'example.com')).code, 0)
  })

  it('take over a key, and publish what openssl says is its public half', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })
    const file = join(shell.folder, 'dkim.pem')
    writeFileSync(file, privateKey.export({ format: 'pem', type: 'pkcs8' }))
    const { keys, dns } = (await shell.json(
      ...['domain', 'add', 'old.example', '--key', file, '--selector', 'mail2019'],
    )) as Domain
    assert.equal(keys.length, 1)
    assert.equal(dns[0]?.name, 'mail2019._domainkey.old.example')
    const der = execFileSync('openssl', ['pkey', '-in', file, '-pubout', '-outform', 'DER'])
    assert.equal(tagP(dns[0]), der.toString('base64'))
  })

  for (const [args, code, expected] of [
    ['tenant add Acme!', 65, /^posthaste: "Acme!" cannot name a tenant: .* such as "acme"\n$/],
    ['tenant add default', 65, /^posthaste: tenant "default" exists already\n$/],
    ['tenant show defualt', 68, /^posthaste: no tenant "defualt"; did you mean "default"\?\n$/],
    ['domain add a.example --selector s', 64, /^posthaste: --key and --selector go together\n/],
    ['domain add a.example --key x --selector s', 64, /^posthaste: --key x cannot be read: ENOENT/],
    ['domain add a.example --key posthaste.toml --selector s', 65, /no private key in PEM/],
    ['domain add localhost', 65, /"localhost" is no domain to send from/],
    ['credential add --label a --stream bulc', 68, /did you mean "bulk"\?/],
    [
      'stream add x --kind bulk --retry-after soon',
      64,
      /'--retry-after <times>' argument 'soon' is invalid/,
    ],
    [
      'stream add x --kind good',
      64,
      /argument 'good' is invalid. Allowed choices are transactional, bulk\./,
    ],
    ['stream add x --kind bulk --priority 10', 64, /Expected a whole number from 0 to 9\./],
    ['stream remove transactional', 65, /is the default of tenant "default"/],
    [
      'tenant lits',
      64,
      /^posthaste: unknown command 'lits'; did you mean list\?\n"posthaste --help"/,
    ],
    ['tenant list --jsn', 64, /unknown option '--jsn'; did you mean --json\?/],
    ['tenent list', 64, /^posthaste: unknown command 'tenent'; did you mean tenant\?/],
    [
      'tenant list --config absent.toml',
      78,
      /^posthaste: the configuration file .*absent\.toml is not there\n"posthaste init" writes one/,
    ],
  ] as const)
    it(`end "${args}" with a sentence and ${code}`, async () => {
      const { code: found, stdout, stderr } = await shell.runAlone(...args.split(' '))
      assert.match(stderr, expected)
      assert.deepEqual([found, stdout], [code, ''])
    })

  it('say errors as JSON on standard error with --json', async () => {
    const unknown = await shell.run('tenant', 'show', 'x', '--json')
    assert.equal(unknown.code, 68)
    assert.equal(JSON.parse(unknown.stderr).error.code, 'RLY_RECORD_UNKNOWN')
    const usage = await shell.run('--json', 'tenant', 'shw')
    assert.equal(JSON.parse(usage.stderr).error.code, 'RLY_USAGE')
  })

  it('print the version and help', async () => {
    assert.match((await shell.runAlone('--version')).stdout, /^\d+\.\d+\.\d+/)
    const help = await shell.run('--help')
    assert.deepEqual([help.code, help.stderr], [0, ''])
    assert.match(help.stdout, /^Set up:\n {2}init /m)
    assert.match((await shell.run('domain', '--help')).stdout, /^ {2}add NAME /m)
  })
})

/** The `p=` of a key record. */
function tagP(record: Dns | undefined): string {
  return /p=([A-Za-z0-9+/=]+)$/.exec(record?.value ?? '')?.[1] ?? ''
}

function pick(value: unknown, ...names: readonly string[]): unknown {
  const record = value as Readonly<Record<string, unknown>>
  return Object.fromEntries(names.map((name) => [name, record[name]]))
}
