// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { createHmac, createSecretKey } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { HmacSha256 } from './hmac.ts'

test('A code is that of RFC 2104, whatever the lengths of key and text, one after the other', () => {
  const octets = (maxLength: number) => fc.uint8Array({ minLength: 1, maxLength })
  fc.assert(
    fc.property(octets(200), fc.array(octets(400)), fc.string(), (secret, texts, text) => {
      const key = createSecretKey(secret)
      const hmac = new HmacSha256(key)
      for (const data of [...texts, text, 'é'.repeat(600)])
        assert.deepEqual(
          hmac.digest(data, 8),
          createHmac('sha256', key).update(data).digest().subarray(0, 8),
        )
    }),
  )
})
