// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { base64, dialog, newSession } from '../../../test/support/session-script.ts'

const logins: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['PLAIN at once', [`AUTH PLAIN ${base64('\0me\0right')}`], ['235 2.7.0']],
  ['PLAIN after a challenge', ['AUTH PLAIN', base64('me\0me\0right')], ['334', '235 2.7.0']],
  ['LOGIN', ['AUTH LOGIN', base64('me'), base64('right')], ['334', '334', '235 2.7.0']],
  ['LOGIN with the name', [`auth login ${base64('me')}`, base64('right')], ['334', '235 2.7.0']],
  ['a wrong secret', ['AUTH PLAIN', base64('\0me\0wrong')], ['334', '535 5.7.8']],
  ['cancelling', ['AUTH LOGIN', '*', 'NOOP'], ['334', '501 5.7.0', '250 2.0.0']],
  ['no base64', ['AUTH PLAIN', 'AAA', 'NOOP'], ['334', '501 5.5.2', '250 2.0.0']],
  ['no base64 at once', ['AUTH PLAIN AAA'], ['501 5.5.2']],
  ['too few parts', [`AUTH PLAIN ${base64('me\0right')}`], ['501 5.5.2']],
  ['too many parts', [`AUTH PLAIN ${base64('\0me\0right\0x')}`], ['501 5.5.2']],
  ['to act for another', [`AUTH PLAIN ${base64('you\0me\0right')}`], ['501 5.5.2']],
  ['an empty initial response', ['AUTH PLAIN ='], ['501 5.5.2']],
  ['no UTF-8', ['AUTH PLAIN', '/////w=='], ['334', '501 5.5.2']],
  ['another mechanism', ['AUTH CRAM-MD5'], ['504 5.5.4']],
]

for (const [name, said, expected] of logins)
  test(`AUTH: ${name} earns ${expected.at(-1)}`, () => {
    const session = newSession()
    assert.deepEqual(dialog(session, ['EHLO c', ...said]), ['250', ...expected])
  })

test('nobody logs in twice', () => {
  const login = `AUTH PLAIN ${base64('\0me\0right')}`
  assert.deepEqual(dialog(newSession(), ['EHLO c', login, login]), [
    '250',
    '235 2.7.0',
    '503 5.5.1',
  ])
})

test('after too many wrong secrets the next login closes the session unread', () => {
  const wrong = `AUTH PLAIN ${base64('\0me\0wrong')}`
  const right = `AUTH PLAIN ${base64('\0me\0right')}`
  const session = newSession()
  assert.deepEqual(dialog(session, ['EHLO c', wrong, wrong, right]).slice(1), [
    '535 5.7.8',
    '535 5.7.8',
    'close 421 4.7.0',
  ])
  assert.equal(session.identity, null)
})
