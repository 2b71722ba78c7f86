// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Keyring } from '../base/keyring.ts'
import { SeededRandom } from '../base/random.ts'
import { LinkSealer } from './link-token.ts'

const messageId = Buffer.from('00112233445566778899aabbccddeeff', 'hex')
const token = { messageId, recipientIndex: 7 }
const target = 'https://shop.example/sale?a=1&b=2'

function sealerOf(...versions: readonly number[]): LinkSealer {
  const keys = versions.map((version) => [version, Buffer.alloc(32, version)] as const)
  return new LinkSealer(new Keyring(new Map(keys), new SeededRandom(1)))
}

test('A link says whose it is, also when the key has changed since', () => {
  const word = sealerOf(1).seal(token, 'click', target)
  assert.match(word, /^[\w-]{42}$/)
  const opened = sealerOf(1, 2).open(word, 'click', target)
  assert.deepEqual(opened && Buffer.from(opened.messageId), messageId)
  assert.equal(opened?.recipientIndex, 7)
})

test('It leads nowhere but where it was made for, and serves no other purpose', () => {
  const sealer = sealerOf(1)
  const word = sealer.seal(token, 'click', target)
  for (const other of ['https://evil.example/', `${target}#`, '', target.toUpperCase()])
    assert.equal(sealer.open(word, 'click', other), null)
  assert.equal(sealer.open(word, 'open', target), null)
  assert.equal(sealer.open(sealer.seal(token, 'open', ''), 'click', ''), null)
})

test('Nobody can make one up: each octet counts, and each key', () => {
  const sealer = sealerOf(1)
  const octets = Buffer.from(sealer.seal(token, 'open', ''), 'base64url')
  for (let at = 0; at < octets.length; at++) {
    const changed = Buffer.from(octets)
    changed[at] = (changed[at] ?? 0) ^ 1
    assert.equal(sealer.open(changed.toString('base64url'), 'open', ''), null)
  }
  for (const text of ['', 'x', '!'.repeat(42), octets.toString('base64url').slice(1)])
    assert.equal(sealer.open(text, 'open', ''), null)
  assert.equal(sealerOf(2).open(octets.toString('base64url'), 'open', ''), null)
})
