// SPDX-License-Identifier: Apache-2.0
/** What every `Store` promises of people, their sessions and the audit log. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Instant, instant } from '../../src/base/brand.ts'
import { RelayError } from '../../src/base/errors.ts'
import type { AuditEntry, AuditFilter, AuditPage } from '../../src/records/audit.ts'
import type { Person, PersonId } from '../../src/records/people/person.ts'
import type { Session, SessionId } from '../../src/records/people/session.ts'
import type { Slug } from '../../src/records/records.ts'
import type { Store } from '../../src/records/store.ts'
import { installationScope, tenantScope } from '../../src/records/tenant-scope.ts'
import { openForEach } from './open-for-each.ts'
import type { Place } from './store.ts'

const acme = { id: 'acme' as Slug, name: 'Acme', createdAt: instant(1_000) }
const beta = { ...acme, id: 'beta' as Slug }
const ann: Person = {
  id: 'ANN' as PersonId,
  tenant: acme.id,
  email: 'ann@example.com',
  name: 'Ann “the boss”',
  role: 'owner',
  isDisabled: false,
  passwordHash: '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA',
  linkSha256: new Uint8Array(32).fill(1),
  linkExpiresAt: instant(9_000),
  sealedTotp: Uint8Array.of(1, 2),
  sealedNewTotp: null,
  totpStep: 55_000_000,
  recoveryCodes: ['aa', 'bb'],
  oidcIssuer: 'https://id.example.com',
  oidcSubject: 'ann',
  isProvisioned: true,
  createdAt: instant(2_000),
  loggedInAt: null,
}
const bob: Person = {
  ...ann,
  id: 'BOB' as PersonId,
  tenant: null,
  email: 'bob@example.com',
  passwordHash: null,
  linkSha256: null,
  linkExpiresAt: null,
  sealedTotp: null,
  recoveryCodes: [],
  oidcIssuer: null,
  oidcSubject: null,
  isProvisioned: false,
  isDisabled: true,
  loggedInAt: instant(3_000),
}
const session: Session = {
  id: 'S1' as SessionId,
  person: ann.id,
  tokenSha256: new Uint8Array(32).fill(7),
  proof: 'recovery-code',
  address: '192.0.2.1',
  userAgent: 'a browser',
  createdAt: instant(4_000),
  seenAt: instant(5_000),
  endsAt: instant(9_000),
}
const entry: Omit<AuditEntry, 'id'> = {
  at: instant(1_000),
  tenant: acme.id,
  actorKind: 'person',
  actor: ann.id,
  actorName: ann.email,
  address: '192.0.2.1',
  action: 'domains.add',
  target: 'example.com',
  before: null,
  after: '{"name":"example.com"}',
}
const everything: AuditFilter = {
  scope: installationScope,
  actor: null,
  action: null,
  since: null,
}

const firstPage: AuditPage = { order: 'newest', after: null, limit: 10 }

export function peopleConformance(name: string, newPlace: () => Promise<Place>): void {
  describe(`${name} as a store of people`, () => {
    let place: Place
    let store: Store

    openForEach(newPlace, async (opened, itsPlace) => {
      store = opened
      place = itsPlace
      for (const tenant of [acme, beta]) await store.tenants.put(tenant)
      for (const person of [bob, ann]) await store.people.put(person)
    })

    it('gives back people as they were put, also to another process', async () => {
      await using other = await place.open()
      for (const { people } of [store, other]) {
        assert.deepEqual(await people.list(), [ann, bob])
        assert.deepEqual(await people.find(ann.id), ann)
        assert.equal(await people.find('NOBODY' as PersonId), null)
        assert.deepEqual(await people.byIdentity('https://id.example.com', 'ann'), ann)
        assert.equal(await people.byIdentity('https://other.example.com', 'ann'), null)
      }
      await store.people.put({ ...ann, role: 'reader', recoveryCodes: ['bb'] })
      assert.equal((await store.people.find(ann.id))?.role, 'reader')
    })

    it('has an address once in a tenant and once in the installation, the oldest first', async () => {
      const inBeta: Person = {
        ...ann,
        ...{ id: 'ANN2' as PersonId, tenant: beta.id, createdAt: instant(1_500) },
        ...{ oidcIssuer: null, oidcSubject: null },
      }
      const ofAll: Person = { ...inBeta, id: 'ANN3' as PersonId, tenant: null }
      await store.people.put(inBeta)
      await store.people.put(ofAll)
      const found = await store.people.byEmail(ann.email)
      assert.deepEqual(
        found.map(({ id }) => id),
        ['ANN2', 'ANN3', 'ANN'],
      )
      for (const twice of [inBeta, ofAll])
        await assert.rejects(
          store.people.put({ ...twice, id: 'ANN4' as PersonId }),
          (thrown) => thrown instanceof RelayError && thrown.code === 'RLY_RECORD_EXISTS',
        )
    })

    it('has an identity of a provider once', async () => {
      const { oidcIssuer, oidcSubject } = ann
      await assert.rejects(
        store.people.put({ ...bob, oidcIssuer, oidcSubject }),
        (thrown) => thrown instanceof RelayError && thrown.code === 'RLY_RECORD_EXISTS',
      )
    })

    it('keeps a tenant that has people', async () => {
      await assert.rejects(
        store.tenants.remove(acme.id),
        (thrown) => thrown instanceof RelayError && thrown.code === 'RLY_RECORD_IN_USE',
      )
    })

    it('finds a session with its person by the hash of its token alone', async () => {
      const { sessions } = store
      await sessions.put(session)
      await sessions.put({ ...session, seenAt: instant(6_000) })
      await using other = await place.open()
      assert.deepEqual(await other.sessions.find(session.tokenSha256), {
        session: { ...session, seenAt: instant(6_000) },
        person: ann,
      })
      assert.equal(await sessions.find(new Uint8Array(32)), null)
    })

    it('ends sessions: one, all others of a person, old ones, and those of who is gone', async () => {
      const { people, sessions } = store
      const made = async (id: string, more: Partial<Session> = {}) => {
        const tokenSha256 = new Uint8Array(32).fill(id.charCodeAt(0))
        const one: Session = { ...session, id: id as SessionId, tokenSha256, ...more }
        await sessions.put(one)
        return one
      }
      const [a, b, c] = [await made('a'), await made('b'), await made('c', { person: bob.id })]
      const ids = async (person: PersonId) => (await sessions.of(person)).map(({ id }) => id)
      assert.deepEqual(await ids(ann.id), [a.id, b.id])
      assert.equal(await sessions.remove(a.id), true)
      assert.equal(await sessions.remove(a.id), false)
      await made('d')
      assert.equal(await sessions.removeOf(ann.id, b.id), 1)
      assert.deepEqual(await ids(ann.id), [b.id])
      assert.deepEqual(await ids(bob.id), [c.id])
      await made('e', { seenAt: instant(1) })
      await made('f', { endsAt: instant(100) })
      assert.equal(await sessions.removeOlder(instant(2), instant(100)), 2)
      assert.deepEqual(await ids(ann.id), [b.id])
      await people.remove(ann.id)
      assert.deepEqual(await ids(ann.id), [])
      assert.equal(await sessions.removeOf(bob.id, null), 1)
    })

    it('keeps the audit log, the newest or the oldest first, and gives what is asked for', async () => {
      const { audit } = store
      const add = (at: number, more: Partial<AuditEntry> = {}) =>
        audit.add({ ...entry, at: at as Instant, ...more })
      await add(1)
      await add(2, { tenant: beta.id, actor: 'B' })
      await add(3, { tenant: null, actorKind: 'local', action: 'tenants.add', before: '{}' })
      const asked = async (filter: Partial<AuditFilter>, page: Partial<AuditPage> = {}) =>
        (await audit.list({ ...everything, ...filter }, { ...firstPage, ...page })).map(
          ({ at }) => at as number,
        )
      assert.deepEqual(await asked({}), [3, 2, 1])
      assert.deepEqual(await asked({}, { limit: 2 }), [3, 2])
      assert.deepEqual(await asked({}, { order: 'oldest', limit: 2 }), [1, 2])
      assert.deepEqual(await asked({ scope: tenantScope(acme.id) }), [1])
      assert.deepEqual(await asked({ actor: 'B' }), [2])
      assert.deepEqual(await asked({ action: 'tenants.add' }), [3])
      assert.deepEqual(await asked({ since: instant(2) }), [3, 2])
      const [newest, middle, oldest] = await audit.list(everything, firstPage)
      assert.ok(newest && middle && oldest)
      assert.deepEqual(await asked({}, { after: newest.id }), [2, 1])
      assert.deepEqual(await asked({}, { order: 'oldest', after: middle.id }), [3])
      const { id: _, ...last } = oldest
      assert.deepEqual(last, { ...entry, at: instant(1) })
      assert.equal(await audit.removeOlder(instant(3), 1), 1)
      assert.deepEqual(await asked({}), [3, 2])
      assert.equal(await audit.removeOlder(instant(3), 10), 1)
    })
  })
}
