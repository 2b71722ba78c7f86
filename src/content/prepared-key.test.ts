// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sampleOwner } from '../../test/support/sample-domains.ts'
import { Keyring } from '../base/keyring.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { SeededRandom } from '../base/random.ts'
import { generateSigningKeys } from '../records/domains/signing-keys.ts'
import type { Store } from '../records/store.ts'
import { prepareKey } from './prepared-key.ts'

const random = new SeededRandom(1)
const keyring = new Keyring(new Map([[1, Buffer.alloc(32, 1)]]), random)
const context = { store: {} as Store, keyring, clock: new ManualClock(), random }
const [rsa, ed25519] = await generateSigningKeys(context, sampleOwner)
assert.ok(rsa && ed25519)

describe('A prepared key', () => {
  it('is open, and knows how its signature fields begin', () => {
    const key = prepareKey(rsa, keyring)
    assert.equal(key.privateKey.asymmetricKeyType, 'rsa')
    assert.match(key.head.text, /a=rsa-sha256; .*d=example\.com;/s)
    assert.equal(prepareKey(ed25519, keyring).privateKey.asymmetricKeyType, 'ed25519')
  })

  it('is refused where another key file or another domain sealed it', () => {
    const other = new Keyring(new Map([[1, Buffer.alloc(32, 2)]]), random)
    assert.throws(() => prepareKey(rsa, other), { code: 'RLY_KEY_FILE' })
    assert.throws(() => prepareKey({ ...rsa, selector: 'x' }, keyring), { code: 'RLY_KEY_FILE' })
  })

  it('is refused where it is of another kind than its record says', () => {
    assert.throws(() => prepareKey({ ...rsa, algorithm: 'ed25519-sha256' }, keyring), {
      code: 'RLY_RECORD_INVALID',
    })
  })
})
