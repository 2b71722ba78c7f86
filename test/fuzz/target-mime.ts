// SPDX-License-Identifier: Apache-2.0
/** A message on its way through the content stage: header section, fields, encoded words, canonical forms. */
import assert from 'node:assert/strict'
import { instant } from '../../src/base/brand.ts'
import { ContentAssembler } from '../../src/content/content-assembler.ts'
import { parseMessageId } from '../../src/events/ids.ts'
import { canonicaliseFields } from '../../src/protocol/dkim/relaxed-header.ts'
import { selectSignedFields } from '../../src/protocol/dkim/signed-fields.ts'
import { decodeEncodedWords } from '../../src/protocol/message/encoded-words.ts'
import { foldWords } from '../../src/protocol/message/fold-words.ts'
import { fieldValue, parseHeaderSection } from '../../src/protocol/message/header-section.ts'
import type { FuzzTarget } from './targets.ts'

const id = parseMessageId('01JZ0000000000000000000000')
if (id === null) throw new TypeError('no message id')

const options = {
  id,
  hostname: 'relay.example',
  now: instant(Date.UTC(2026, 0, 1)),
  trace: { address: '192.0.2.7', helo: 'c.example', protocol: 'ESMTP', tls: null },
  forRecipient: null,
  smtputf8: false,
  priority: 0,
} as const

export const mimeTarget: FuzzTarget = {
  seeds: [
    'From: a@b.example\r\nTo: c@d\r\nSubject: =?utf-8?Q?h=C3=BC?= =?utf-8?B?aGE=?=\r\n\r\nBody\r\n',
    'Received: x\r\nFrom: "A, B" <a@b>\r\n\tfolded\r\nBcc: x@y\r\nReturn-Path: <z>\r\n\r\n',
    'Date: x\r\nMessage-ID: <a@b>\r\nFrom : a@b\r\nContent-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\n\r\na \t \r\n\r\n\r\n--x--\r\n',
    '\r\nBody',
    'From: a@b',
  ],
  tokens: [
    '\r\n',
    '\r\n\r\n',
    'From: ',
    'Sender: ',
    'Resent-From: ',
    'Bcc: ',
    '=?utf-8?B?',
    '=?iso-8859-1?q?',
    '?=',
    ' \r\n\t',
  ],
  run: (input) => {
    const half = (input[0] ?? 0) % (input.length + 1)
    const whole = assembled([input])
    assert.deepEqual(assembled([input.subarray(0, half), input.subarray(half)]), whole)
    const section = parseHeaderSection(input)
    if (section.kind === 'fault') return
    canonicaliseFields(section.fields)
    selectSignedFields(section.fields)
    for (const field of section.fields) {
      const value = fieldValue(field)
      const decoded = decodeEncodedWords(value, 100)
      assert.ok(decoded.length <= 100)
      for (const line of foldWords(decoded, true)) assert.doesNotMatch(line, /[\r\n]/)
    }
  },
}

/** Octets that come out, or the reply. */
function assembled(pieces: readonly Buffer[]): unknown {
  const assembler = new ContentAssembler(options)
  const written = pieces.flatMap((piece) => [...assembler.write(piece)])
  const content = assembler.finish()
  if (content.kind === 'fault') return content.reply
  const octets = Buffer.concat([...written, ...content.chunks])
  assert.equal(octets.length, content.size)
  assert.equal(parseHeaderSection(octets, octets.indexOf('\r\n\r\n') + 2).kind, 'section')
  const { facts, bodyHash } = content
  return { octets: octets.toString('latin1'), facts, bodyHash }
}
