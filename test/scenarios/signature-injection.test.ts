// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parseMailbox } from '../../src/protocol/mailbox.ts'
import { findHeaderEnd, parseHeaderSection } from '../../src/protocol/message/header-section.ts'
import { corpus } from '../support/corpus.ts'
import { contentOptions, type SignedMessage, signMessage } from '../support/signed-message.ts'

const adversarial = corpus('adversarial')
const naughty: readonly string[] =
  adversarial === null
    ? []
    : JSON.parse(readFileSync(`${adversarial}/naughty-strings.json`, 'utf8'))
/** What an attacker would add to any of them. */
const payloads = [
  '',
  '\r\nX-Evil: 1',
  '\nX-Evil: 1',
  '\rX-Evil: 1',
  '\r\n\r\nX-Evil: 1',
  '\0X-Evil: 1',
]
const expected = [
  'dkim-signature',
  'dkim-signature',
  'received',
  'from',
  'subject',
  'date',
  'message-id',
]

describe('No text of a submitter starts a header line', () => {
  it('whatever is in HELO, the peer address or the recipient', async () => {
    await forHostileTexts(async (text) => {
      const trace = { ...contentOptions.trace, helo: text, address: text }
      const forRecipient =
        parseMailbox(`${text}@example.net`) ?? parseMailbox(`"${text}"@example.net`)
      const message = await signMessage([content('x')], { trace, forRecipient, smtputf8: true })
      assert.deepEqual(namesOf(message), expected, JSON.stringify(text))
    })
  })

  it('whatever is in Subject: it stays one field, or the message is refused', async () => {
    await forHostileTexts(async (text) => {
      const message = await signMessage([content(text)])
      if (message.kind === 'refused') return
      const added = text.includes('\r\nX-Evil')
      if (!added) assert.deepEqual(namesOf(message), expected, JSON.stringify(text))
      assert.doesNotMatch(message.facts.subject ?? '', /\p{Cc}/u)
      assert.doesNotMatch(message.facts.headerFrom, /\p{Cc}/u)
    })
  })

  it('whatever is in From: what is read out of it has no line end', async () => {
    await forHostileTexts(async (text) => {
      for (const from of [text, `${text} <joe@example.com>`, `<${text}@example.com>`]) {
        const message = await signMessage([Buffer.from(`From: ${from}\r\nSubject: x\r\n\r\n`)])
        if (message.kind === 'refused') continue
        assert.doesNotMatch(message.facts.from, /[\r\n\0]/)
        for (const name of namesOf(message).slice(0, 3)) assert.ok(expected.includes(name))
        assert.equal(namesOf(message).filter((name) => name === 'from').length, 1)
      }
    })
  })

  it('also not one made of any characters', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
        const trace = { ...contentOptions.trace, helo: text, address: text }
        const forRecipient = parseMailbox(`${text}@example.net`)
        const message = await signMessage([content('x')], { trace, forRecipient, smtputf8: true })
        assert.deepEqual(namesOf(message), expected)
      }),
    )
  })
})

async function forHostileTexts(check: (text: string) => Promise<void>): Promise<void> {
  for (const text of ['', 'a', ...naughty])
    for (const payload of payloads) await check(`${text}${payload}`)
}

function content(subject: string): Buffer {
  return Buffer.from(`From: joe@example.com\r\nSubject: ${subject}\r\n\r\nHello\r\n`)
}

function namesOf(message: SignedMessage): readonly string[] {
  assert.ok(message.kind === 'signed')
  const section = parseHeaderSection(message.octets, findHeaderEnd(message.octets))
  assert.ok(section.kind === 'section')
  return section.fields.map(({ name }) => name)
}
