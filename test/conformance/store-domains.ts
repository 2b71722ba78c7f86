// SPDX-License-Identifier: Apache-2.0
/** What every `Store` promises of sending domains, their keys, and when they were looked up. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant } from '../../src/base/brand.ts'
import { readDirectory } from '../../src/records/directory.ts'
import type { Slug } from '../../src/records/records.ts'
import type { Store } from '../../src/records/store.ts'
import { sampleDomain, sampleKey } from '../support/sample-domains.ts'
import { openForEach } from './open-for-each.ts'
import type { Place } from './store.ts'

const acme = { id: 'acme' as Slug, name: 'Acme', createdAt: instant(1_000) }
const domain = sampleDomain('example.com', { tenant: acme.id })
const key = sampleKey({ tenant: acme.id, domain: domain.name })

export function domainConformance(name: string, newPlace: () => Promise<Place>): void {
  describe(`${name} as a store of domains`, () => {
    let store: Store

    openForEach(newPlace, async (opened) => {
      store = opened
      await store.tenants.put(acme)
      await store.domains.put(domain)
      await store.signingKeys.put(key)
    })

    it('keeps a domain of one name for several tenants, verified for one of them', async () => {
      const beta = { ...acme, id: 'beta' as Slug }
      const theirs = sampleDomain(domain.name, {
        tenant: beta.id,
        state: 'verified',
        stateReason: null,
        lacks: ['dmarc'],
        verifiedAt: instant(7_000),
        rotationAskedAt: instant(8_000),
      })
      await store.tenants.put(beta)
      await store.domains.put(theirs)
      await store.signingKeys.put({ ...key, tenant: beta.id, isProof: false, state: 'next' })
      assert.deepEqual(await store.domains.list(), [domain, theirs])
      await assert.rejects(store.domains.put({ ...domain, state: 'verified' }), {
        code: 'RLY_RECORD_EXISTS',
      })
      const { domains, domainsOf, keysOf, verifiedDomains } = await readDirectory(store)
      assert.deepEqual(domains.get(domain.name), theirs)
      assert.deepEqual([...verifiedDomains.values()], [theirs])
      assert.deepEqual(domainsOf(acme.id).get(domain.name), domain)
      assert.deepEqual([keysOf(domain), keysOf(theirs)], [[key], []], 'the next key signs nothing')
      await store.domains.remove(beta.id, domain.name)
      assert.deepEqual(await store.domains.list(), [domain])
      assert.deepEqual(await store.signingKeys.list(), [key])
    })

    it('finds domains by their name, and keys by their domain', async () => {
      const beta = { ...acme, id: 'beta' as Slug }
      const theirs = sampleDomain(domain.name, { tenant: beta.id })
      const other = sampleDomain('other.example', { tenant: acme.id })
      await store.tenants.put(beta)
      await store.domains.put(theirs)
      await store.domains.put(other)
      const second = { ...key, selector: 's2', state: 'next' } as const
      for (const each of [second, { ...key, tenant: beta.id }, { ...key, domain: other.name }])
        await store.signingKeys.put(each)
      assert.deepEqual(await store.domains.named(domain.name), [domain, theirs])
      assert.deepEqual(await store.domains.named('none.example' as typeof domain.name), [])
      assert.deepEqual(await store.signingKeys.of(acme.id, domain.name), [key, second])
      assert.deepEqual(await store.signingKeys.of(beta.id, other.name), [])
    })

    it('says which domains are to be looked up, and keeps when they were', async () => {
      const { tenant } = domain
      const other = sampleDomain('other.example', { tenant, createdAt: instant(1) })
      await store.domains.put(other)
      const due = async (by: number, limit = 9) =>
        (await store.domainCheckups.due(instant(by), limit)).map(({ name }) => name as string)
      assert.deepEqual(await due(0), ['other.example', 'example.com'], 'never looked up')
      assert.equal(await store.domainCheckups.of(tenant, domain.name), null)
      const absence = { kind: 'spf', since: instant(5), times: 2 } as const
      const checkup = {
        ...{ tenant, name: domain.name, checkedAt: instant(7), nextCheckAt: instant(100) },
        absences: [absence],
      }
      const version = await store.version()
      await store.domainCheckups.put({ ...checkup, absences: [] })
      await store.domainCheckups.put(checkup)
      assert.equal(await store.version(), version, 'no record has changed')
      assert.deepEqual(await store.domainCheckups.of(tenant, domain.name), checkup)
      assert.deepEqual(await due(99), ['other.example'])
      assert.deepEqual(await due(100), ['other.example', 'example.com'])
      assert.deepEqual(await due(100, 1), ['other.example'])
      await store.domains.remove(tenant, domain.name)
      assert.equal(await store.domainCheckups.of(tenant, domain.name), null, 'gone with its domain')
    })
  })
}
