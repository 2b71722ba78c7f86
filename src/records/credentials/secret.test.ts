// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant } from '../../base/brand.ts'
import { SystemRandom } from '../../base/random.ts'
import type { Credential, Slug } from '../records.ts'
import { isSecretOf, newSecret, parseCredentialId, parseSecret } from './secret.ts'

const secret = newSecret(new SystemRandom())
const credential: Credential = {
  id: secret.id,
  tenant: 'acme' as Slug,
  label: '',
  stream: null,
  secretSha256: secret.sha256,
  sealedScram: null,
  isSandbox: false,
  isDisabled: false,
  createdAt: instant(0),
}

function isRight(text: string, of: Credential | null = credential): boolean {
  const given = parseSecret(text)
  return given !== null && isSecretOf(given, of)
}

describe('a secret', () => {
  it('has the form ph_<10 letters>_<32 letters>', () => {
    assert.match(secret.text, /^ph_[0-9A-Z]{10}_[0-9A-Z]{32}$/)
    assert.notEqual(newSecret(new SystemRandom()).text, secret.text)
  })

  it('is recognised, also with its case folded', () => {
    assert.ok(isRight(secret.text))
    assert.ok(isRight(secret.text.toLowerCase()))
  })

  it('is refused where one letter differs, where its id is unknown, and where it has no form', () => {
    const last = secret.text.endsWith('0') ? '1' : '0'
    assert.ok(!isRight(secret.text.slice(0, -1) + last))
    assert.ok(!isRight(secret.text, null))
    for (const text of ['', 'ph__', `${secret.text}0`, ` ${secret.text}`, secret.text.slice(3)])
      assert.equal(parseSecret(text), null, text)
  })

  it('has an id that people may write in their own way', () => {
    for (const text of [secret.id, secret.id.toLowerCase(), `ph_${secret.id}`])
      assert.equal(parseCredentialId(text), secret.id)
    for (const text of ['', 'ph_', secret.text, `${secret.id}0`])
      assert.equal(parseCredentialId(text), null, text)
  })
})
