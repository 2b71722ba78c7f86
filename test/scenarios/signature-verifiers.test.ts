// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { otherVerifiers } from '../support/other-verifiers.ts'
import { signMessage } from '../support/signed-message.ts'
import { trickyMessages } from '../support/tricky-messages.ts'

describe('Signatures of tricky messages', () => {
  for (const { name, cannotRead, verify } of otherVerifiers) {
    it(`verify with ${name}`, { skip: verify === null && `${name} is not installed` }, async () => {
      assert.ok(verify)
      const messages = await Promise.all(
        [...trickyMessages.values()].map(async (octets) => {
          const message = await signMessage([octets])
          assert.ok(message.kind === 'signed')
          return asSent(message.octets)
        }),
      )
      const verdicts = verify(messages)
      const wrong = [...trickyMessages.keys()].filter(
        (_, index) => verdicts[index]?.passed !== verdicts[index]?.of,
      )
      assert.equal(verdicts.length, messages.length)
      assert.deepEqual(wrong, cannotRead)
    })

    it(`fail with ${name} after a change`, { skip: verify === null }, async () => {
      assert.ok(verify)
      const message = await signMessage([Buffer.from('From: joe@example.com\r\n\r\nHi\r\n')])
      assert.ok(message.kind === 'signed')
      const forged = Buffer.from(
        message.octets.toString('latin1').replace(/Hi\r\n$/, 'Ho\r\n'),
        'latin1',
      )
      assert.equal(verify([forged])[0]?.passed, 0)
    })
  }
})

/** By DATA, which ends every line (RFC 5321 §4.1.1.4). */
function asSent(octets: Buffer): Buffer {
  return octets.subarray(-2).toString() === '\r\n'
    ? octets
    : Buffer.concat([octets, Buffer.from('\r\n')])
}
