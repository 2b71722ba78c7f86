// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { namedWait } from './named-wait.ts'

/** In seconds. */
const replies: readonly (readonly [text: string, wait: number | null])[] = [
  ['<a@example.net>: Recipient address rejected: Greylisted for 181 seconds', 181],
  ['Recipient address rejected: Greylisted for 300 sec.', 300],
  ['Greylisting enabled, try again in 1 minutes', 60],
  ['Greylisting in action, please come back in 00:09:00', 540],
  ['Hotkey Greylisting in progress ... Please try again after 2 minutes', 120],
  ['Greylisting in action. Please try delivery again in 240 seconds.', 240],
  ['Greylisted, please wait 5 min', 300],
  ['Too many messages, retry after 1 hour', 3_600],
  ['Try again in 90s', 90],
  ['Deferred; please wait at least 10m before you try again', 600],
  ['Greylisted, see http://postgrey.schweikert.ch/help/example.net.html', null],
  ['Temporarily greylisted as anti-spam measure. Please try again.', null],
  ['Mailbox has been over quota for 8 hours', null],
  ['You sent too many mails in the last 10 minutes', null],
  ['Try again in 5 monkeys', null],
]

test('the wait that a receiver names is read, whatever its words and units', () => {
  for (const [text, wait] of replies)
    assert.equal(namedWait(text), wait === null ? null : wait * 1_000, text)
})

test('any text has a wait of a length or none', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
      const wait = namedWait(`again in ${text}`)
      assert.ok(wait === null || (Number.isSafeInteger(wait) && wait >= 0))
    }),
  )
})
