// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { verifySignatures } from '../support/mailauth-verifier.ts'
import { signMessage } from '../support/signed-message.ts'
import { trickyMessages } from '../support/tricky-messages.ts'

const BOTH_PASS = ['pass', 'pass']

describe('Both signatures', () => {
  for (const [what, octets] of trickyMessages) {
    it(`verify of a message with ${what}`, async () => {
      const message = await signMessage([octets])
      assert.ok(message.kind === 'signed')
      assert.deepEqual(await verifySignatures(message.octets), BOTH_PASS)
    })
  }

  it('are the same for every chunking', async () => {
    const messages = fc.constantFrom(...trickyMessages.values())
    await fc.assert(
      fc.asyncProperty(
        messages,
        fc.array(fc.nat(90), { maxLength: 9 }),
        async (octets, lengths) => {
          const whole = await signMessage([octets])
          const parts = await signMessage(chunksOf(octets, lengths))
          assert.deepEqual(parts, whole)
        },
      ),
    )
  })

  it('verify of any body', async () => {
    const piece = fc.constantFrom('a', ' ', '\t', '\r\n', '.', 'é', '\r\n\r\n', 'From ', '\0')
    await fc.assert(
      fc.asyncProperty(fc.array(piece), async (pieces) => {
        const message = await signMessage([
          Buffer.from(`From: joe@example.com\r\n\r\n${pieces.join('')}`),
        ])
        assert.ok(message.kind === 'signed')
        assert.deepEqual(await verifySignatures(message.octets), BOTH_PASS)
      }),
      { numRuns: 200 },
    )
  })

  it('survive that white space is changed on the way, as relaxed allows', async () => {
    const octets = await signed('From: joe@example.com\r\nSubject: a  b\r\n\r\na  b \r\n\r\n')
    const changed = octets.toString('latin1').replace('Subject: a  b', 'SUBJECT:a\r\n\tb')
    const body = changed.replace('a  b \r\n\r\n', 'a b\r\n')
    assert.deepEqual(await verifySignatures(Buffer.from(body, 'latin1')), BOTH_PASS)
  })

  it('break where somebody changes or adds what the reader sees', async () => {
    const octets = await signed(
      'From: joe@example.com\r\nSubject: x\r\nTo: a@b.example\r\n\r\nHi\r\n',
    )
    const text = octets.toString('latin1')
    const added = [
      'From: evil@example.net',
      'Subject: y',
      'Reply-To: evil@example.net',
      'Cc: evil@example.net',
      'Content-Type: text/html',
      'List-Unsubscribe: <https://evil.example.net/>',
      'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
      'Date: Thu, 01 Jan 1970 00:00:00 +0000',
    ]
    const forgeries = [
      ...added.map((field) => `${field}\r\n${text}`),
      ...added.map((field) => text.replace('\r\n\r\n', `\r\n${field}\r\n\r\n`)),
      text.replace('\r\n\r\nHi', '\r\n\r\nHo'),
      `${text}More\r\n`,
      text.replace('Subject: x', 'Subject: y'),
    ]
    for (const forgery of forgeries)
      for (const result of await verifySignatures(Buffer.from(forgery, 'latin1')))
        assert.notEqual(result, 'pass', forgery)
  })
})

async function signed(text: string): Promise<Buffer> {
  const message = await signMessage([Buffer.from(text)])
  assert.ok(message.kind === 'signed')
  return message.octets
}

function chunksOf(octets: Buffer, lengths: readonly number[]): Buffer[] {
  const chunks: Buffer[] = []
  let at = 0
  for (const length of lengths) {
    chunks.push(octets.subarray(at, at + length))
    at += length
  }
  return [...chunks, octets.subarray(at)]
}
