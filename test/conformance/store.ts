// SPDX-License-Identifier: Apache-2.0
/** What every `Store` promises. Each implementation runs it over an empty place that several stores can open. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { days, instant, minutes } from '../../src/base/brand.ts'
import { RelayError } from '../../src/base/errors.ts'
import type { BrakeRecord } from '../../src/records/brake.ts'
import { readDirectory } from '../../src/records/directory.ts'
import type {
  ApiKey,
  ApiKeyId,
  Credential,
  CredentialId,
  Slug,
  Stream,
  Tenant,
} from '../../src/records/records.ts'
import type { Store } from '../../src/records/store.ts'
import { sampleDomain, sampleKey } from '../support/sample-domains.ts'
import { openForEach } from './open-for-each.ts'

/** Somewhere to keep records for one test. */
export interface Place extends AsyncDisposable {
  /** Called more than once: as other processes would. */
  open(): Promise<Store>
}

const acme: Tenant = { id: slug('acme'), name: 'Acme “Ltd”', createdAt: instant(1_000) }
const receipts: Stream = {
  tenant: acme.id,
  name: slug('receipts'),
  kind: 'transactional',
  priority: 2,
  pool: 'default',
  retryAfter: [minutes(1), minutes(5)],
  expiresAfter: days(3),
  mayShareTransaction: false,
  sendsReports: true,
  eightBit: 'keep',
  longLines: 'fold',
  fromDomains: [],
  suppressesOn: ['bounce'],
  suppressionScope: 'tenant',
  gate: 'reject',
  fullMailboxTimes: 4,
  fullMailboxDays: 20,
  addsUnsubscribe: true,
  tracks: ['clicks'],
  forwardsReports: true,
  whenCold: 'wait',
  keepsFailed: days(2),
  isSandbox: true,
  isDefault: true,
  createdAt: instant(2_000),
}
const news: Stream = {
  ...receipts,
  name: slug('news'),
  kind: 'bulk',
  sendsReports: false,
  eightBit: 'quoted-printable',
  longLines: 'refuse',
  suppressesOn: ['bounce', 'complaint'],
  gate: 'off',
  isDefault: false,
}
const domain = sampleDomain('example.com', { tenant: acme.id })
const key = sampleKey({ tenant: acme.id, domain: domain.name })
const credential: Credential = {
  id: 'ABCDEFGHJK' as CredentialId,
  tenant: acme.id,
  label: 'web shop',
  stream: news.name,
  secretSha256: new Uint8Array(32).fill(7),
  sealedScram: null,
  isSandbox: true,
  isDisabled: false,
  createdAt: instant(5_000),
}

export function storeConformance(name: string, newPlace: () => Promise<Place>): void {
  describe(`${name} as a store`, () => {
    let place: Place
    let store: Store

    openForEach(newPlace, async (opened, itsPlace) => {
      store = opened
      place = itsPlace
    })

    it('gives back what was put, also to another process', async () => {
      await putAll(store)
      await using other = await place.open()
      for (const reader of [store, other]) {
        assert.deepEqual(await reader.tenants.list(), [acme])
        assert.deepEqual(await reader.streams.list(), [news, receipts])
        assert.deepEqual(await reader.domains.list(), [domain])
        assert.deepEqual(await reader.signingKeys.list(), [key])
        assert.deepEqual(await reader.credentials.list(), [credential])
      }
    })

    it('lists by the octets of keys, whatever the language of the database', async () => {
      for (const id of ['a', 'B', 'ab', 'a-c']) await store.tenants.put({ ...acme, id: slug(id) })
      const ids = (await store.tenants.list()).map(({ id }) => id)
      assert.deepEqual(ids, ['B', 'a', 'a-c', 'ab'])
    })

    it('lets transactions that meet see each other as if one came after the other', async () => {
      await store.tenants.put({ ...acme, name: '' })
      const addLetter = () =>
        store.transaction(async (inner) => {
          const [tenant = acme] = await inner.tenants.list()
          await inner.tenants.put({ ...tenant, name: `${tenant.name}x` })
        })
      await Promise.all(Array.from({ length: 8 }, addLetter))
      assert.equal((await store.tenants.list())[0]?.name, 'x'.repeat(8))
    })

    it('replaces a record of the same key', async () => {
      await putAll(store)
      await store.tenants.put({ ...acme, name: 'New' })
      await store.streams.put({ ...news, priority: 9, retryAfter: [] })
      await store.signingKeys.put({ ...key, publicKey: 'other' })
      assert.equal((await store.tenants.list())[0]?.name, 'New')
      assert.deepEqual((await store.streams.list())[0], { ...news, priority: 9, retryAfter: [] })
      assert.equal((await store.signingKeys.list())[0]?.publicKey, 'other')
      assert.equal((await store.streams.list()).length, 2)
    })

    it('keeps keys, of tenants and of the installation', async () => {
      await store.tenants.put(acme)
      const ofTenant: ApiKey = {
        id: 'KEYOFTENANT' as ApiKeyId,
        tenant: acme.id,
        label: 'shop',
        scopes: ['read', 'send'],
        allowedFrom: ['192.0.2.0/24'],
        expiresAt: instant(9_000),
        secretSha256: new Uint8Array(32).fill(8),
        createdAt: instant(6_000),
      }
      const ofInstallation: ApiKey = {
        ...ofTenant,
        id: 'KEYOFALL' as ApiKeyId,
        tenant: null,
        expiresAt: null,
        allowedFrom: [],
      }
      await store.apiKeys.put(ofTenant)
      await store.apiKeys.put(ofInstallation)
      assert.deepEqual(await store.apiKeys.list(), [ofInstallation, ofTenant])
      await assert.rejects(store.tenants.remove(acme.id), { code: 'RLY_RECORD_IN_USE' })
      assert.equal(await store.apiKeys.remove(ofTenant.id), true)
      assert.equal(await store.apiKeys.remove(ofTenant.id), false)
    })

    it('keeps brakes', async () => {
      const brake: BrakeRecord = {
        name: 'no-such-mailbox@(mx1|mx2).example.net',
        state: 'holding',
        since: instant(1_700_000_000_000),
        ...{ count: 51, ends: 60, spread: 40, usualShare: 0.125 },
        ...{ decidedAt: null, decidedBy: null, until: null },
      }
      await store.brakes.put(brake)
      assert.deepEqual((await readDirectory(store)).brakes, [brake])
      const at = instant(1_700_000_100_000)
      const decision = { state: 'confirmed', decidedAt: at, decidedBy: 'x', until: at } as const
      const confirmed = { ...brake, ...decision, usualShare: null }
      await store.brakes.put(confirmed)
      assert.deepEqual(await store.brakes.list(), [confirmed])
      assert.equal(await store.brakes.remove(brake.name), true)
      assert.equal(await store.brakes.remove(brake.name), false)
    })

    it('keeps suspensions', async () => {
      const suspension = { queue: '*@a.example', by: 'ann', reason: '', createdAt: instant(6) }
      await store.suspensions.put(suspension)
      assert.deepEqual(await store.suspensions.list(), [suspension])
      assert.equal(await store.suspensions.remove(suspension.queue), true)
      assert.equal(await store.suspensions.remove(suspension.queue), false)
    })

    it('refuses to remove what others depend on', async () => {
      await putAll(store)
      await assert.rejects(store.tenants.remove(acme.id), code('RLY_RECORD_IN_USE'))
      await assert.rejects(store.streams.remove(acme.id, news.name), code('RLY_RECORD_IN_USE'))
      await store.credentials.remove(credential.id)
      await store.domains.remove(acme.id, domain.name)
      assert.deepEqual(await store.signingKeys.list(), [], 'keys go with their domain')
      assert.equal(await store.tenants.remove(acme.id), true)
      assert.deepEqual(await store.streams.list(), [], 'streams go with their tenant')
      assert.equal(await store.tenants.remove(acme.id), false)
    })

    it('refuses what belongs to nobody, and a second default stream', async () => {
      await assert.rejects(store.domains.put(domain), code('RLY_RECORD_UNKNOWN'))
      await putAll(store)
      await assert.rejects(
        store.credentials.put({ ...credential, stream: slug('absent') }),
        code('RLY_RECORD_UNKNOWN'),
      )
      await assert.rejects(
        store.streams.put({ ...news, isDefault: true }),
        code('RLY_RECORD_EXISTS'),
      )
    })

    it('does all of a transaction or nothing', async () => {
      const failing = store.transaction(async (inner) => {
        await putAll(inner)
        assert.equal((await inner.tenants.list()).length, 1, 'sees its own changes')
        await inner.transaction(async (innermost) => void (await innermost.tenants.list()))
        throw new Error('changed my mind')
      })
      await assert.rejects(failing, /changed my mind/)
      assert.deepEqual(await store.tenants.list(), [])
      assert.equal(await store.transaction((inner) => putAll(inner).then(() => 7)), 7)
      assert.equal((await store.tenants.list()).length, 1)
    })

    it('shows nothing of a transaction to others before it ends', async () => {
      await using other = await place.open()
      const seen: number[] = []
      const { promise, resolve } = Promise.withResolvers<void>()
      const transaction = store.transaction(async (inner) => {
        await inner.tenants.put(acme)
        seen.push((await other.tenants.list()).length)
        resolve()
      })
      await promise
      // Its own question meanwhile is answered too, before or after.
      await Promise.all([transaction, store.tenants.list()])
      assert.deepEqual(seen, [0])
      assert.equal((await store.tenants.list()).length, 1)
    })

    it('changes its version with every change, its own and those of others', async () => {
      await using other = await place.open()
      const versions = [await store.version()]
      const steps = [
        () => putAll(store),
        () => other.tenants.put({ ...acme, name: 'Theirs' }),
        () => store.credentials.remove(credential.id),
        () => other.transaction((inner) => inner.streams.put({ ...news, priority: 1 })),
      ]
      for (const step of steps) {
        await step()
        versions.push(await store.version())
        assert.equal(await store.version(), versions.at(-1), 'stands still between changes')
      }
      assert.equal(new Set(versions).size, steps.length + 1)
    })

    it('makes a directory', async () => {
      await putAll(store)
      const directory = await readDirectory(store)
      assert.equal(directory.defaultStream(acme.id)?.name, receipts.name)
      assert.equal(directory.stream(acme.id, news.name)?.kind, 'bulk')
      assert.equal(directory.keysOf(domain)[0]?.selector, 's1')
      assert.equal(directory.credentials.get(credential.id)?.label, 'web shop')
    })
  })
}

async function putAll(store: Store): Promise<void> {
  await store.tenants.put(acme)
  await store.streams.put(receipts)
  await store.streams.put(news)
  await store.domains.put(domain)
  await store.signingKeys.put(key)
  await store.credentials.put(credential)
}

function slug(text: string): Slug {
  return text as Slug
}

function code(expected: string): (thrown: unknown) => boolean {
  return (thrown) => thrown instanceof RelayError && thrown.code === expected
}
