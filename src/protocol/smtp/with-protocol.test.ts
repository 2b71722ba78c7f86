// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withProtocol } from './with-protocol.ts'

/** RFC 3848 and RFC 6531 §4.3: extended, secure, authenticated, SMTPUTF8. */
const words: readonly (readonly [boolean, boolean, boolean, boolean, string])[] = [
  [false, false, false, false, 'SMTP'],
  [true, false, false, false, 'ESMTP'],
  [true, false, true, false, 'ESMTPA'],
  [true, true, false, false, 'ESMTPS'],
  [true, true, true, false, 'ESMTPSA'],
  [true, false, false, true, 'UTF8SMTP'],
  [true, true, true, true, 'UTF8SMTPSA'],
]

for (const [isExtended, isSecure, isAuthenticated, smtputf8, word] of words)
  test(`a session can be called ${word}`, () => {
    assert.equal(withProtocol({ isExtended, isSecure, isAuthenticated }, smtputf8), word)
  })
