// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { instant } from '../../base/brand.ts'
import { Keyring } from '../../base/keyring.ts'
import { suppressionLimits } from '../../base/limits/record-limits.ts'
import { silentLog } from '../../base/log.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { SeededRandom } from '../../base/random.ts'
import { AddressHasher } from '../../protocol/address-hash.ts'
import type { Mailbox } from '../../protocol/mailbox.ts'
import type { Slug } from '../records.ts'
import type { Store } from '../store.ts'
import { type Suppression, type SuppressionId, wholeTenant } from './suppression.ts'
import { SuppressionLookup } from './suppression-lookup.ts'

const keyring = new Keyring(new Map([[1, Buffer.alloc(32, 1)]]), new SeededRandom(1))
const hasher = new AddressHasher(keyring)
const mail = { tenant: 'shop', stream: 'news', list: null }
const ann = 'ann@example.net' as Mailbox
const bob = 'bob@example.net' as Mailbox

describe('The look-up of suppressions', () => {
  let kept: Suppression[]
  let asked: number
  let failure: Error | null
  let lookup: SuppressionLookup

  beforeEach(() => {
    kept = []
    asked = 0
    failure = null
    const guard = <T>(value: T): Promise<T> =>
      failure === null ? Promise.resolve(value) : Promise.reject(failure)
    const suppressions = {
      of: (tenant: Slug, hash: Uint8Array) => {
        asked++
        const isSame = (each: Uint8Array) => Buffer.compare(each, hash) === 0
        return guard(kept.filter((each) => each.tenant === tenant && isSame(each.addressHash)))
      },
      size: () => guard(kept.length),
      hashesAfter: (after: number | null, limit: number) => {
        const page = kept.filter(({ id }) => id > (after ?? 0)).slice(0, limit)
        return guard({
          hashes: page.map(({ addressHash }) => addressHash),
          last: page.at(-1)?.id ?? after,
        })
      },
    }
    const store = { suppressions } as unknown as Store
    lookup = new SuppressionLookup({ store, keyring, clock: new ManualClock(), log: silentLog })
  })

  function add(mailbox: Mailbox): void {
    kept.push({
      id: (kept.length + 1) as SuppressionId,
      tenant: 'shop' as Slug,
      addressHash: hasher.hash('shop', mailbox),
      address: mailbox,
      scope: wholeTenant,
      reason: 'manual',
      sourceEvent: null,
      importId: null,
      note: '',
      createdAt: instant(1),
      expiresAt: null,
    })
  }

  it('asks the store of everybody until it knows better', async () => {
    add(ann)
    assert.equal((await lookup.find(mail, ann))?.address, ann)
    assert.equal(await lookup.find(mail, bob), null)
    assert.equal(asked, 2)
  })

  it('then asks of those alone who may be there, in any spelling', async () => {
    add(ann)
    await lookup.refresh()
    assert.equal(lookup.find(mail, bob), null)
    assert.equal(lookup.find({ ...mail, tenant: 'other' }, ann), null)
    assert.equal(asked, 0)
    assert.equal((await lookup.find(mail, 'ANN@example.net' as Mailbox))?.address, ann)
    assert.equal(asked, 1)
  })

  it('hears of what is added, and of what is removed when it asks', async () => {
    await lookup.refresh()
    assert.equal(lookup.find(mail, ann), null)
    add(ann)
    await lookup.refresh()
    assert.ok(await lookup.find(mail, ann))
    kept = []
    assert.equal(await lookup.find(mail, ann), null)
  })

  it('forgets nobody when the store fails while it reads', async () => {
    add(ann)
    for (let at = 0; at < suppressionLimits.readTogether; at++) add(`${at}@example.net` as Mailbox)
    add(bob)
    const read = lookup.refresh()
    queueMicrotask(() => {
      failure = new Error('away')
    })
    await assert.rejects(read, /away/)
    failure = null
    assert.ok(await lookup.find(mail, bob), 'still of everybody')
    await lookup.refresh()
    assert.ok(await lookup.find(mail, ann))
    assert.ok(await lookup.find(mail, bob))
    assert.equal(lookup.find(mail, 'nobody@example.net' as Mailbox), null)
  })

  it('says that it does not know where the store cannot be asked', async () => {
    add(ann)
    await lookup.refresh()
    failure = new Error('away')
    await assert.rejects(lookup.find(mail, ann) ?? Promise.resolve(), /away/)
    assert.equal(lookup.find(mail, bob), null)
  })
})
