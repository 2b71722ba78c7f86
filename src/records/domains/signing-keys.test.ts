// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import { describe, it } from 'node:test'
import { sampleOwner } from '../../../test/support/sample-domains.ts'
import { RelayError } from '../../base/errors.ts'
import { newKeyFile, parseKeyFile } from '../../base/keyring.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { SystemRandom } from '../../base/random.ts'
import type { Domain } from '../../protocol/mailbox.ts'
import type { RecordsContext } from '../records-context.ts'
import type { Store } from '../store.ts'
import { generateSigningKeys, importSigningKey, openSigningKey } from './signing-keys.ts'

const random = new SystemRandom()
const keyring = parseKeyFile(newKeyFile(random), 'test.key', random)
const context: RecordsContext = { store: {} as Store, keyring, clock: new ManualClock(), random }

function pkcs8(privateKey: { export(options: { format: 'pem'; type: 'pkcs8' }): string | Buffer }) {
  return privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
}

describe('signing keys', () => {
  it('are an RSA and an Ed25519 one, with selectors of the year, and open again', async () => {
    const [rsa, ed25519] = await generateSigningKeys(context, sampleOwner)
    assert.ok(rsa && ed25519)
    assert.deepEqual([rsa.selector, ed25519.selector], ['ph2026a', 'ph2026b'])
    assert.equal(openSigningKey(keyring, rsa).asymmetricKeyDetails?.modulusLength, 2_048)
    const published = createPublicKey({
      key: Buffer.from(rsa.publicKey, 'base64'),
      format: 'der',
      type: 'spki',
    })
    const data = Buffer.from('signed')
    assert.ok(verify('sha256', data, published, sign('sha256', data, openSigningKey(keyring, rsa))))
    assert.equal(Buffer.from(ed25519.publicKey, 'base64').length, 32)
    const raw = createPublicKey(openSigningKey(keyring, ed25519)).export({ format: 'jwk' }).x
    assert.deepEqual(Buffer.from(ed25519.publicKey, 'base64'), Buffer.from(raw ?? '', 'base64url'))
  })

  it('take the letters after those that were used, and free ones after the last letter', async () => {
    const keys = await generateSigningKeys(context, sampleOwner, ['ph2026a', 'ph2026c'])
    assert.deepEqual(
      keys.map((key) => key.selector),
      ['ph2026d', 'ph2026e'],
    )
  })

  it('do not open for another domain or selector', () => {
    const { privateKey } = generateKeyPairSync('ed25519')
    const key = importSigningKey(context, sampleOwner, 's1', pkcs8(privateKey))
    assert.throws(
      () => openSigningKey(keyring, { ...key, domain: 'other.example' as Domain }),
      (thrown) => thrown instanceof RelayError && thrown.code === 'RLY_KEY_FILE',
    )
  })

  it('are taken over from PEM of PKCS #1 and PKCS #8', () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })
    const pkcs1 = privateKey.export({ format: 'pem', type: 'pkcs1' }).toString()
    for (const pem of [pkcs1, pkcs8(privateKey)]) {
      const key = importSigningKey(context, sampleOwner, 'mail.2024', pem)
      assert.equal(key.algorithm, 'rsa-sha256')
      assert.equal(
        key.publicKey,
        publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
      )
    }
  })

  const { privateKey: good, publicKey } = generateKeyPairSync('ed25519')
  for (const [name, selector, pem, expected] of [
    ['a selector with a space', 'a b', pkcs8(good), /no selector/],
    ['a selector in upper case', 'Mail', pkcs8(good), /no selector/],
    ['what is no PEM', 's1', 'hello', /no private key in PEM/],
    [
      'a public key',
      's1',
      publicKey.export({ format: 'pem', type: 'spki' }).toString(),
      /no private key in PEM/,
    ],
    [
      'a key of another kind',
      's1',
      pkcs8(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey),
      /a key of type ec/,
    ],
    [
      'a short RSA key',
      's1',
      pkcs8(generateKeyPairSync('rsa', { modulusLength: 512 }).privateKey),
      /512 bits: receivers take/,
    ],
  ] as const)
    it(`refuse ${name}`, () => {
      assert.throws(
        () => importSigningKey(context, sampleOwner, selector, pem),
        (thrown) =>
          thrown instanceof RelayError &&
          thrown.code === 'RLY_RECORD_INVALID' &&
          expected.test(thrown.message),
      )
    })
})
