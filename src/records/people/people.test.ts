// SPDX-License-Identifier: Apache-2.0
/** Small secrets of people: recovery codes, links, tokens. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant, plus } from '../../base/brand.ts'
import { SeededRandom } from '../../base/random.ts'
import { isLinkOf, linkLife, newPasswordLink, personOfLink } from './password-link.ts'
import type { Person, PersonId } from './person.ts'
import { nobody } from './person-service.ts'
import { newRecoveryCodes, withoutRecoveryCode } from './recovery-codes.ts'
import { newSessionToken, parseSessionToken } from './session.ts'

const random = new SeededRandom(1)
const id = 'ABCDEFGHJK' as PersonId
const now = instant(1_000_000)

describe('A recovery code', () => {
  const { kept, texts } = newRecoveryCodes(random)

  it('is one of ten, each with 80 bits, kept as a hash', () => {
    assert.equal(new Set(texts).size, 10)
    for (const text of texts) assert.match(text, /^([0-9A-Z]{4}-){3}[0-9A-Z]{4}$/)
    assert.ok(kept.every((hash) => /^[0-9a-f]{64}$/.test(hash)))
  })

  it('is good once, however it is typed', () => {
    const [first = ''] = texts
    const left = withoutRecoveryCode(kept, ` ${first.toLowerCase().replaceAll('-', ' ')} `)
    assert.deepEqual(left, kept.slice(1))
    assert.equal(withoutRecoveryCode(left ?? [], first), null)
    for (const wrong of ['', '0000-0000-0000-0000', first.slice(1), kept[0] ?? ''])
      assert.equal(withoutRecoveryCode(kept, wrong), null)
  })
})

describe('A link that sets a password', () => {
  const link = newPasswordLink(id, random, now)
  const person: Person = {
    ...nobody,
    ...{ id, tenant: null, email: 'a@b.example', name: 'Ann', role: 'owner', createdAt: now },
    linkSha256: link.sha256,
    linkExpiresAt: link.expiresAt,
  }

  it('is of one person, and ends', () => {
    assert.equal(personOfLink(link.token), id)
    assert.equal(isLinkOf(link.token, person, now), true)
    assert.equal(isLinkOf(link.token, person, plus(now, linkLife)), false)
    assert.equal(isLinkOf(link.token, { ...person, linkSha256: null }, now), false)
    assert.equal(isLinkOf(link.token, null, now), false)
    const other = newPasswordLink(id, random, now)
    assert.equal(isLinkOf(other.token, person, now), false)
  })

  it('is nothing else', () => {
    for (const wrong of [
      '',
      id,
      `${id}.`,
      `${id}.short`,
      link.token.toLowerCase(),
      `x${link.token}`,
    ])
      assert.equal(personOfLink(wrong), null, wrong)
  })
})

describe('The token of a session', () => {
  it('has 256 bits, and its hash says which', () => {
    const token = newSessionToken(random)
    assert.equal(Buffer.from(token.text, 'base64url').length, 32)
    assert.deepEqual(parseSessionToken(token.text)?.sha256, token.sha256)
    for (const wrong of ['', `${token.text}A`, token.text.slice(1), `${token.text.slice(1)} `])
      assert.equal(parseSessionToken(wrong), null)
  })
})
