// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { clock, newId, sealer, tokenOf } from '../../test/support/feedback-samples.ts'
import { messageIdOf } from '../events/ids.ts'
import { LooseFields, readFields } from '../protocol/message/loose-fields.ts'
import { findIds, findToken } from './evidence.ts'

function found(text: string, fields = ''): string | null {
  const good = findToken(Buffer.from(text), readFields(fields), sealer, clock.now())
  return good === null ? null : messageIdOf(good.token.messageId)
}

describe('A token', () => {
  it('is found wherever it stands, in any letters, cut by quoted-printable or not', () => {
    const id = newId()
    const token = tokenOf(id)
    for (const text of [
      token,
      `Return-Path: <${token}@bounce.shop.example>`,
      `mailto:unsubscribe@x?subject=3D${token.slice(0, 20)}=\r\n${token.slice(20)}&`,
      `(${token.toUpperCase()})`,
      `${'0'.repeat(60)} ${token}`,
    ])
      assert.equal(found(text), id, text)
    assert.equal(found('', `Return-Path: <${token}@bounce.shop.example>`), id)
  })

  it('in the field that says where mail came from is believed before one in its text', () => {
    const [mine, other] = [newId(), newId()]
    assert.equal(found(tokenOf(other), `Return-Path: <${tokenOf(mine)}@x.example>`), mine)
  })

  it('is none where it is part of a longer word, or one letter is another', () => {
    const token = tokenOf(newId())
    assert.equal(found(`${token}a`), null)
    fc.assert(
      fc.property(
        fc.nat(59),
        fc.constantFrom(...'0123456789abcdefghjkmnpqrstvwxyz'),
        (at, letter) => {
          const changed = token.slice(0, at) + letter + token.slice(at + 1)
          assert.equal(found(changed) !== null, changed === token)
        },
      ),
    )
  })

  it('is not looked for for ever', () => {
    const words = `${'0'.repeat(60)} `.repeat(100)
    assert.equal(found(`${words}${tokenOf(newId())}`), null)
  })
})

describe('An id of ours', () => {
  it('is found in the fields that we wrote', () => {
    const id = newId()
    for (const field of [
      `Received: by relay.example with ESMTPSA id ${id}; Mon`,
      `Message-ID: <${id.toLowerCase()}@shop.example>`,
      `Feedback-ID: campaign:${id}:shop:x`,
    ])
      assert.deepEqual(findIds(readFields(field), clock.now()), [id], field)
  })

  it('is none where its time is not of ours', () => {
    const ids = ['7ZZZZZZZZZZZZZZZZZZZZZZZZZ', '00000000000000000000000000']
    assert.deepEqual(findIds(readFields(`Received: id ${ids.join(' id ')}`), clock.now()), [])
    assert.deepEqual(findIds(new LooseFields(), clock.now()), [])
  })
})
