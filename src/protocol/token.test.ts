// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type Instant, instant } from '../base/brand.ts'
import { Keyring } from '../base/keyring.ts'
import { SeededRandom } from '../base/random.ts'
import { AddressHasher } from './address-hash.ts'
import { type Mailbox, parseMailbox } from './mailbox.ts'
import { TOKEN_CHARACTERS, TokenSealer } from './token.ts'

const now = instant(Date.UTC(2026, 5, 1, 12))
const expiresAt = instant(Date.UTC(2026, 5, 11, 12))
const id = Buffer.from('00112233445566778899aabbccddeeff', 'hex')

describe('A return-path token', () => {
  it('is 60 characters that a local-part may have, the same for every attempt', () => {
    const sealer = sealerOf([1])
    const token = sealer.seal('shop', id, 7, mailbox('Jane@example.net'), expiresAt)
    assert.equal(token.length, TOKEN_CHARACTERS)
    assert.match(token, /^[0-9a-z]{60}$/)
    assert.equal(sealer.seal('shop', id, 7, mailbox('Jane@example.net'), expiresAt), token)
  })

  it('gives back what was sealed, whatever happens to its case', () => {
    const sealer = sealerOf([1])
    const index = fc.integer({ min: 0, max: 65_534 })
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        index,
        (messageId, recipient) => {
          const text = sealer.seal('shop', messageId, recipient, mailbox('a@b.example'), expiresAt)
          for (const form of [text, text.toUpperCase()]) {
            const { token, isExpired } = opened(sealer, form)
            assert.deepEqual(Buffer.from(token.messageId), Buffer.from(messageId))
            assert.equal(token.recipientIndex, recipient)
            assert.equal(isExpired, false)
          }
        },
      ),
    )
  })

  it('says with recipient 0 that the transaction was shared', () => {
    const { token } = opened(sealerOf([1]), sealerOf([1]).sealShared(id, expiresAt))
    assert.equal(token.recipientIndex, null)
    assert.deepEqual([...token.addressHash], [0, 0, 0, 0, 0, 0, 0, 0])
  })

  it('is good until its day ends, and still says whose it was afterwards', () => {
    const sealer = sealerOf([1])
    const text = sealer.seal('shop', id, 0, mailbox('a@b.example'), expiresAt)
    assert.equal(opened(sealer, text, instant(Date.UTC(2026, 5, 11, 23, 59))).isExpired, false)
    assert.equal(opened(sealer, text, instant(Date.UTC(2026, 5, 12))).isExpired, true)
  })

  it('is invalid after any change of a character', () => {
    const sealer = sealerOf([1])
    const text = sealer.seal('shop', id, 0, mailbox('a@b.example'), expiresAt)
    for (let at = 0; at < text.length; at++) {
      const other = text[at] === '7' ? '8' : '7'
      const changed = text.slice(0, at) + other + text.slice(at + 1)
      assert.equal(sealer.open(changed, now).kind, 'invalid', `character ${at}`)
    }
  })

  it('is never read out of other text', () => {
    const sealer = sealerOf([1])
    fc.assert(fc.property(fc.string(), (text) => sealer.open(text, now).kind === 'invalid'))
    for (const text of ['', '0'.repeat(60), 'z'.repeat(60), 'é'.repeat(60), '\u{1f600}'.repeat(30)])
      assert.equal(sealer.open(text, now).kind, 'invalid')
  })

  it('opens with its own version of the key after a new one came, and not once that is gone', () => {
    const text = sealerOf([1]).seal('shop', id, 3, mailbox('a@b.example'), expiresAt)
    assert.equal(opened(sealerOf([1, 2]), text).token.recipientIndex, 3)
    assert.equal(sealerOf([2]).open(text, now).kind, 'invalid')
  })

  it('has the hash of the tenant and the folded mailbox, which stays when the key is rotated', () => {
    const hasher = new AddressHasher(keysOf([1]))
    const hash = hasher.hash('shop', mailbox('Jane+x@Example.NET'))
    for (const versions of [[1], [1, 2]]) {
      const sealer = sealerOf(versions)
      const text = sealer.seal('shop', id, 3, mailbox('jane+x@example.net'), expiresAt)
      assert.deepEqual(Buffer.from(opened(sealer, text).token.addressHash), Buffer.from(hash))
    }
    for (const [tenant, other] of [
      ['other', 'jane+x@example.net'],
      ['shop', 'jane@example.net'],
    ] as const)
      assert.notDeepEqual(hasher.hash(tenant, mailbox(other)), hash)
  })
})

function sealerOf(versions: readonly number[]): TokenSealer {
  return new TokenSealer(keysOf(versions))
}

function keysOf(versions: readonly number[]): Keyring {
  const keys = versions.map((version) => [version, Buffer.alloc(32, version)] as const)
  return new Keyring(new Map(keys), new SeededRandom(1))
}

function mailbox(text: string): Mailbox {
  const parsed = parseMailbox(text)
  assert.ok(parsed)
  return parsed
}

function opened(sealer: TokenSealer, text: string, at: Instant = now) {
  const result = sealer.open(text, at)
  assert.ok(result.kind === 'token')
  return result
}
