// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant } from '../../base/brand.ts'
import { type Domain, parseDomain } from '../mailbox.ts'
import { parseHeaderSection } from '../message/header-section.ts'
import { canonicaliseFields } from './relaxed-header.ts'
import {
  canonicalSignatureField,
  signatureField,
  signatureHead,
  signatureTail,
} from './signature-field.ts'
import { selectSignedFields } from './signed-fields.ts'

const bodyHash = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='

describe('A DKIM-Signature field', () => {
  it('is folded at 76 columns wherever its parts allow', () => {
    for (const selector of ['s', 'posthaste-2026-06', 'x'.repeat(60)]) {
      const head = signatureHead('ed25519-sha256', domain('newsletter.shop.example.com'), selector)
      const names = Array.from({ length: 40 }, (_, at) => (at % 2 ? 'list-unsubscribe-post' : 'to'))
      const field = signatureField(head, signatureTail(bodyHash, names, now()), 'A'.repeat(344))
      for (const line of field.split('\r\n')) assert.ok(line.length <= 76, line)
    }
  })

  it('has the canonical form that a verifier makes of it', () => {
    const head = signatureHead('rsa-sha256', domain('example.com'), 'selector')
    for (let count = 1; count < 60; count++) {
      const tail = signatureTail(bodyHash, new Array(count).fill('reply-to'), now())
      const withoutSignature = fieldsOf(signatureField(head, tail, ''))
      assert.equal(
        canonicaliseFields(withoutSignature).toString(),
        `${canonicalSignatureField(head, tail)}\r\n`,
      )
    }
  })

  it('names every field once more than it is there, and absent ones that would change what is read', () => {
    const { names, fields } = selectSignedFields(
      fieldsOf('To: a\r\nReceived: x\r\nFrom: b\r\nTo: c\r\nX-Mailer: y\r\nList-Id: z\r\n'),
    )
    const count = (name: string) => names.filter((other) => other === name).length
    assert.deepEqual(
      ['from', 'to', 'list-id', 'subject', 'list-unsubscribe', 'sender', 'received'].map(count),
      [2, 3, 2, 1, 1, 0, 0],
    )
    assert.equal(canonicaliseFields(fields).toString(), 'from:b\r\nto:c\r\nto:a\r\nlist-id:z\r\n')
  })

  it('covers fields in relaxed form', () => {
    for (const [field, canonical] of [
      ['A: X\r\n', 'a:X\r\n'],
      ['B : Y\t\r\n\tZ  \r\n', 'b:Y Z\r\n'],
      ['C:\r\n', 'c:\r\n'],
      ['D: \t\r\n  \r\n', 'd:\r\n'],
      ['E:\r\n folded  first\r\n', 'e:folded first\r\n'],
      ['F: caf\u00e9\r\n', 'f:caf\u00e9\r\n'],
    ] as const)
      assert.equal(canonicaliseFields(fieldsOf(field)).toString(), canonical)
  })
})

function fieldsOf(text: string) {
  const section = parseHeaderSection(Buffer.from(text))
  assert.ok(section.kind === 'section')
  return section.fields
}

function domain(text: string): Domain {
  const parsed = parseDomain(text)
  assert.ok(parsed)
  return parsed
}

function now() {
  return instant(Date.UTC(2026, 5, 1))
}
