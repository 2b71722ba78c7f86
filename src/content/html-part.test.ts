// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodedHtml } from './html-part.ts'

const OCTETS = 2 * 1_024 * 1_024

test('White space and blank lines without end are read once, and not again from each of them', () => {
  const spaces = `${' '.repeat(OCTETS)}!`
  assert.equal(decodedHtml(Buffer.from(spaces), 'quoted-printable'), spaces)
  assert.equal(decodedHtml(Buffer.from(`${'\r\n'.repeat(OCTETS / 2)}!`), 'base64'), null)
})

test('White space that was added to the ends of lines is not part of the text', () => {
  assert.equal(decodedHtml(Buffer.from('<p>a \t\r\nb =\r\nc'), 'quoted-printable'), '<p>a\r\nb c')
})

test('Base64 is read with its padding and line ends, and not where there is anything else', () => {
  assert.equal(decodedHtml(Buffer.from('PHA+\r\nYQ==\r\n'), 'base64'), '<p>a')
  for (const odd of ['PHA+=YQ', 'PHA+ YQ==', 'PHA+===', 'PHA+!'])
    assert.equal(decodedHtml(Buffer.from(odd), 'base64'), null, odd)
})
