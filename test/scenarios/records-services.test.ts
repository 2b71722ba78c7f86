// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { hours, minutes } from '../../src/base/brand.ts'
import { RelayError } from '../../src/base/errors.ts'
import { newKeyFile, parseKeyFile } from '../../src/base/keyring.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SystemRandom } from '../../src/base/random.ts'
import { openSqliteStore } from '../../src/platform/sqlite/sqlite-store.ts'
import { scramKeysOf } from '../../src/protocol/smtp/scram.ts'
import {
  addCredential,
  removeCredential,
} from '../../src/records/credentials/credential-service.ts'
import { openScram } from '../../src/records/credentials/scram-secret.ts'
import { isSecretOf, parseSecret } from '../../src/records/credentials/secret.ts'
import { readDirectory } from '../../src/records/directory.ts'
import { addDomain, removeDomain, showDomain } from '../../src/records/domains/domain-service.ts'
import type { RecordsContext } from '../../src/records/records-context.ts'
import { retrySchedules } from '../../src/records/stream-defaults.ts'
import {
  addStream,
  changeStream,
  removeStream,
  showStream,
} from '../../src/records/stream-service.ts'
import { installationScope } from '../../src/records/tenant-scope.ts'
import { addTenant, removeTenant, showTenant } from '../../src/records/tenant-service.ts'

const random = new SystemRandom()
const all = installationScope
const host = { hostname: 'relay.example.net', addresses: [] }
const newDomain = {
  name: 'Example.com',
  returnPathDomain: null,
  importedKey: null,
} as const
const newStream = {
  name: 'news',
  kind: 'bulk',
  pool: null,
  priority: null,
  retryAfter: null,
  expiresAfter: null,
  mayShareTransaction: null,
  sendsReports: null,
  eightBit: null,
  longLines: null,
  fromDomains: null,
  suppressesOn: null,
  suppressionScope: null,
  gate: null,
  fullMailboxTimes: null,
  fullMailboxDays: null,
  addsUnsubscribe: null,
  tracks: null,
  forwardsReports: null,
  whenCold: null,
  keepsFailed: null,
  isSandbox: null,
  isDefault: false,
} as const
const rules = { retry: retrySchedules, pools: ['default', 'bulk'] }

describe('the services over records', () => {
  let folder: string
  let context: RecordsContext

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'posthaste-records-'))
    const store = await openSqliteStore(join(folder, 'records.sqlite'))
    const keyring = parseKeyFile(newKeyFile(random), 'test.key', random)
    context = { store, keyring, clock: new ManualClock(), random }
    await addTenant(context, { id: 'acme', name: null, retry: retrySchedules })
  })

  afterEach(async () => {
    await context.store[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  })

  it('give a new tenant two streams, the transactional one by default', async () => {
    const { streams } = await showTenant(context.store, all, 'ACME')
    assert.deepEqual(
      streams.map(({ name, priority, isDefault }) => ({ name, priority, isDefault })),
      [
        { name: 'bulk', priority: 5, isDefault: false },
        { name: 'transactional', priority: 2, isDefault: true },
      ],
    )
  })

  it('say what would be right for a name that cannot be', async () => {
    const adding = addTenant(context, { id: 'Acme Ltd.', name: null, retry: retrySchedules })
    await rejects(adding, 'RLY_RECORD_INVALID', /such as "acme-ltd"$/)
    const mailbox = addDomain(context, all, { ...newDomain, name: 'a@b.example' }, host)
    await rejects(mailbox, 'RLY_RECORD_INVALID', /only the part after the "@"/)
  })

  it('refuse what exists, and name the nearest of what does not', async () => {
    const again = addTenant(context, { id: 'acme', name: null, retry: retrySchedules })
    await rejects(again, 'RLY_RECORD_EXISTS', /^tenant "acme" exists already$/)
    await rejects(
      showTenant(context.store, all, 'acne'),
      'RLY_RECORD_UNKNOWN',
      /did you mean "acme"\?/,
    )
    await rejects(
      showStream(context.store, all, 'bulc'),
      'RLY_RECORD_UNKNOWN',
      /did you mean "bulk"\?/,
    )
  })

  it('take the only tenant where none is named, and ask where there are two', async () => {
    assert.equal((await addStream(context, all, newStream, rules)).tenant, 'acme')
    await addTenant(context, { id: 'beta', name: 'Beta', retry: retrySchedules })
    const adding = addStream(context, all, { ...newStream, name: 'more' }, rules)
    await rejects(adding, 'RLY_RECORD_INVALID', /say which tenant: "acme", "beta"/)
  })

  it('keep one default stream a tenant', async () => {
    await rejects(removeStream(context, all, 'transactional'), 'RLY_RECORD_IN_USE', /default/)
    await addStream(context, all, { ...newStream, isDefault: true }, rules)
    await removeStream(context, all, 'transactional')
    const directory = await readDirectory(context.store)
    const [tenant] = directory.tenants.keys()
    assert.equal(tenant && directory.defaultStream(tenant)?.name, 'news')
  })

  for (const [name, change, expected] of [
    ['a priority over 9', { priority: 10 }, /0 \(first\) to 9 \(last\)/],
    [
      'a pool that is not there',
      { pool: 'bluk' },
      /there is no pool "bluk".*did you mean "bulk"\?/,
    ],
    ['shared transactions in bulk', { mayShareTransaction: true }, /cannot share/],
    ['an empty schedule', { retryAfter: [] }, /at least one wait/],
    ['an age limit before the second attempt', { expiresAfter: minutes(1) }, /would expire/],
  ] as const)
    it(`refuse a stream with ${name}`, async () => {
      await rejects(
        addStream(context, all, { ...newStream, ...change }, rules),
        'RLY_RECORD_INVALID',
        expected,
      )
    })

  it('make a domain with keys, show it, and remove both', async () => {
    const made = await addDomain(context, all, newDomain, host)
    assert.equal(made.domain.returnPathDomain, 'bounce.example.com')
    assert.equal(made.keys.length, 2)
    assert.deepEqual((await showDomain(context.store, all, 'example.com', host)).dns, made.dns)
    await rejects(addDomain(context, all, newDomain, host), 'RLY_RECORD_EXISTS', /of tenant "acme"/)
    await removeDomain(context, all, 'example.com')
    assert.deepEqual(await context.store.signingKeys.list(), [])
    await rejects(
      removeDomain(context, all, 'example.com'),
      'RLY_RECORD_UNKNOWN',
      /there is none yet/,
    )
  })

  it('refuse the domain itself as its return path', async () => {
    const adding = addDomain(context, all, { ...newDomain, returnPathDomain: 'example.com' }, host)
    await rejects(adding, 'RLY_RECORD_INVALID', /a domain of its own/)
  })

  it('make a credential whose secret the directory verifies, until it is removed', async () => {
    const input = { label: 'shop', stream: 'BULK', withScram: false, isSandbox: false }
    const { credential, secret } = await addCredential(context, all, input)
    assert.equal(credential.stream, 'bulk')
    const given = parseSecret(secret)
    assert.ok(given)
    const { credentials, offersScram } = await readDirectory(context.store)
    assert.ok(isSecretOf(given, credentials.get(given.id) ?? null))
    assert.equal(offersScram, false)
    const streamInUse = removeStream(context, all, 'bulk')
    await rejects(streamInUse, 'RLY_RECORD_IN_USE', new RegExp(credential.id))
    await removeCredential(context, all, secret)
    assert.equal((await readDirectory(context.store)).credentials.size, 0)
  })

  it('keep of a secret for SCRAM what only the key file opens', async () => {
    const input = { label: 'shop', stream: null, withScram: true, isSandbox: false }
    const { credential, secret } = await addCredential(context, all, input)
    const { credentials, offersScram } = await readDirectory(context.store)
    assert.equal(offersScram, true)
    const sealed = credentials.get(credential.id)?.sealedScram
    assert.ok(sealed)
    const keys = openScram(credential.id, sealed, context.keyring)
    assert.deepEqual(keys, scramKeysOf(secret, keys.salt))
    const other = parseKeyFile(newKeyFile(random), 'other', random)
    assert.throws(() => openScram(credential.id, sealed, other), /did not seal SCRAM keys of/)
  })

  it('remove a tenant only when nothing of it is left but streams', async () => {
    await addDomain(context, all, newDomain, host)
    const { credential } = await addCredential(context, all, {
      label: '',
      stream: null,
      withScram: false,
      isSandbox: false,
    })
    await rejects(
      removeTenant(context, all, 'acme'),
      'RLY_RECORD_IN_USE',
      /domains "example.com" and credentials/,
    )
    await removeDomain(context, all, 'example.com')
    await removeCredential(context, all, credential.id.toLowerCase())
    await removeTenant(context, all, 'acme')
    assert.deepEqual(await context.store.streams.list(), [])
  })

  it('send a stream by the pool that it names, and leave it at that', async () => {
    const added = await addStream(context, all, { ...newStream, pool: 'bulk' }, rules)
    assert.equal(added.pool, 'bulk')
    const same = await changeStream(
      context,
      all,
      'news',
      { ...newStream, priority: 3, isDefault: null },
      rules,
    )
    assert.deepEqual([same.pool, same.priority], ['bulk', 3])
    await rejects(
      changeStream(context, all, 'news', { ...newStream, pool: 'x', isDefault: null }, rules),
      'RLY_RECORD_INVALID',
      /there is no pool "x" in the configuration; there are: default, bulk/,
    )
  })

  it('start streams with the schedules that they are given', async () => {
    const bulk = { after: [minutes(7)], expiresAfter: hours(1) }
    const retry = { ...retrySchedules, bulk }
    const stream = await addStream(context, all, newStream, { ...rules, retry })
    assert.deepEqual([stream.retryAfter, stream.expiresAfter], [bulk.after, bulk.expiresAfter])
  })
})

async function rejects(work: Promise<unknown>, code: string, text: RegExp): Promise<void> {
  await assert.rejects(work, (thrown) => {
    assert.ok(thrown instanceof RelayError, String(thrown))
    assert.equal(thrown.code, code)
    assert.match(thrown.message, text)
    return true
  })
}
