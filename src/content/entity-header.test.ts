// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { kindOf } from './entity-header.ts'

function kindWith(...fields: readonly string[]): string {
  return kindOf(Buffer.from([...fields, '', ''].join('\r\n'), 'latin1'), false).kind
}

const multipart = 'Content-Type: multipart/mixed; boundary=a'

describe('The encoding of a body', () => {
  for (const [value, kind] of [
    ['base64', 'base64'],
    [' \tBASE64', 'base64'],
    ['', 'identity'],
    ['8bit', 'identity'],
    ['Binary', 'identity'],
    ['7bit (so)', 'identity'],
    ['(so) 8bit', 'identity'],
    ['8bit;', 'identity'],
    ['quoted-printable', 'opaque'],
    ['x-uuencode', 'opaque'],
    // Base64 to the standard and to some readers, to others it is none.
    ['base64 (so)', 'opaque'],
    ['(so) base64', 'opaque'],
    ['((8bit)) base64', 'opaque'],
    ['(7bit base64', 'opaque'],
    ['base64 ', 'opaque'],
    ['base64;', 'opaque'],
    ['base64 8bit', 'opaque'],
    ['base64\xa0', 'opaque'],
    ['\r\n base64', 'opaque'],
    ['base64\r\n ', 'opaque'],
    ['"8bit"', 'opaque'],
  ] as const)
    it(`that says ${JSON.stringify(value)} makes it ${kind}`, () => {
      assert.equal(kindWith(`Content-Transfer-Encoding: ${value}`), kind)
    })

  it('leaves a multipart as it is where that could be encoded', () => {
    assert.equal(kindWith(multipart), 'multipart')
    for (const value of ['base64', '(so) base64', 'base64 (so)'])
      assert.equal(kindWith(multipart, `Content-Transfer-Encoding: ${value}`), 'opaque')
  })
})

describe('A header that readers take in two ways', () => {
  it('leaves the body as it is: two types, two encodings', () => {
    const [type, encoding] = ['Content-Type: text/plain', 'Content-Transfer-Encoding: 8bit']
    assert.equal(kindWith(type, encoding), 'identity')
    assert.equal(kindWith(type, encoding, type), 'opaque')
    assert.equal(kindWith(type, multipart), 'opaque')
    assert.equal(kindWith(encoding, 'content-transfer-encoding: base64'), 'opaque')
  })

  it('leaves the body as it is: a message to some, and to others not', () => {
    assert.equal(kindWith('Content-Type: message/rfc822; charset=x (so)'), 'message')
    for (const type of ['message / rfc822', '(so) message/rfc822', 'message/rfc822 x'])
      assert.equal(kindWith(`Content-Type: ${type}`), 'opaque')
  })

  it('is none: white space before a colon', () => {
    assert.equal(kindWith('Subject : x'), 'unreadable')
    assert.equal(kindWith('Subject: x', 'Content-Type\t: text/plain'), 'unreadable')
  })
})
