// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant } from '../base/brand.ts'
import { SystemRandom } from '../base/random.ts'
import type { Directory } from './directory.ts'
import type { Credential, Slug } from './records.ts'
import { newSecret, parseSecret, verifySecret } from './secret.ts'

const secret = newSecret(new SystemRandom())
const credential: Credential = {
  id: secret.id,
  tenant: 'acme' as Slug,
  label: '',
  stream: null,
  secretSha256: secret.sha256,
  createdAt: instant(0),
}
const directory = { credentials: new Map([[secret.id, credential]]) } as unknown as Directory

describe('a secret', () => {
  it('has the form ph_<10 letters>_<32 letters>', () => {
    assert.match(secret.text, /^ph_[0-9A-Z]{10}_[0-9A-Z]{32}$/)
    assert.notEqual(newSecret(new SystemRandom()).text, secret.text)
  })

  it('is recognised, also with its case folded', () => {
    assert.equal(verifySecret(directory, secret.text), credential)
    assert.equal(verifySecret(directory, secret.text.toLowerCase()), credential)
  })

  it('is refused where one letter differs, where its id is unknown, and where it has no form', () => {
    const last = secret.text.endsWith('0') ? '1' : '0'
    assert.equal(verifySecret(directory, secret.text.slice(0, -1) + last), null)
    assert.equal(verifySecret(directory, newSecret(new SystemRandom()).text), null)
    for (const text of ['', 'ph__', `${secret.text}0`, ` ${secret.text}`, secret.text.slice(3)])
      assert.equal(parseSecret(text), null, text)
  })
})
