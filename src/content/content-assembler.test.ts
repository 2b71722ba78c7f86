// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { instant } from '../base/brand.ts'
import { contentLimits, serverLimits } from '../base/limits/limits.ts'
import { parseMessageId } from '../events/ids.ts'
import { parseMailbox } from '../protocol/mailbox.ts'
import { type AssembledContent, ContentAssembler } from './content-assembler.ts'
import type { ContentOptions } from './content-options.ts'

const received = [
  'Received: from client.example ([192.0.2.7])',
  '\t(using TLSv1.3 with TLS_AES_256_GCM_SHA384)',
  '\tby relay.example with ESMTPSA id 01JZ0000000000000000000000',
  '\tfor <jane@example.net>;',
  '\tMon, 01 Jun 2026 12:00:00 +0000',
  '',
].join('\r\n')
const date = 'Date: Mon, 01 Jun 2026 11:00:00 +0000\r\n'
const messageId = 'Message-ID: <one@example.com>\r\n'
const from = 'From: Shop <shop@example.com>\r\n'

describe('Content', () => {
  it('gets a Received field on top and is otherwise left as it was', () => {
    const text = `${from}${date}${messageId}X-Odd :  a\t b \r\n  c\r\n\r\nBody \r\n\r\n`
    const { octets, content } = assemble([Buffer.from(text)])
    assert.equal(octets, received + text)
    assert.equal(content.size, octets.length)
    assert.equal(content.bodyHash, hash('sha256', 'Body\r\n', 'base64'))
  })

  it('is passed on in the very chunks that came', () => {
    const assembler = new ContentAssembler(options({}))
    const head = Buffer.from(`${from}${date}${messageId}\r\nBo`)
    const [, ...views] = assembler.write(head)
    assert.ok(views.every((view) => view.buffer === head.buffer))
    const body = Buffer.from('dy\r\n')
    assert.equal(assembler.write(body)[0], body)
  })

  it('gets Date and Message-ID where they are missing, after the other fields', () => {
    const { octets, content } = assemble([Buffer.from(`${from}\r\nBody\r\n`)])
    const added = [
      'Date: Mon, 01 Jun 2026 12:00:00 +0000',
      'Message-ID: <01jz0000000000000000000000@example.com>',
      '',
    ].join('\r\n')
    assert.equal(octets, `${received}${from}${added}\r\nBody\r\n`)
    assert.deepEqual(
      content.header.map(({ name }) => name),
      ['received', 'from', 'date', 'message-id'],
    )
    assert.equal(content.facts.messageId, null)
  })

  it('loses Bcc and Return-Path, folded and repeated ones too', () => {
    const hidden =
      'BCC: a@b.example,\r\n c@d.example\r\nReturn-Path: <x@y.example>\r\nbcc :e@f.example\r\n'
    const text = `${hidden}${from}${date}Bcc:\r\n${messageId}${hidden}\r\nBcc: body\r\n`
    const { octets, content } = assemble([Buffer.from(text)])
    assert.equal(octets, `${received}${from}${date}${messageId}\r\nBcc: body\r\n`)
    assert.equal(content.size, octets.length)
  })

  it('keeps the fields of who has sent it again, and what may stand more than once', () => {
    const resent = 'Resent-From: joe@other.example\r\nResent-Sender: x@y.example\r\n'
    const repeated = 'Comments: a\r\nComments: b\r\nKeywords: c\r\nKeywords: d\r\n'
    const text = `${resent}${resent}${from}${date}${messageId}${repeated}TLS-Required: No\r\n\r\n`
    const { octets } = assemble([Buffer.from(`Resent-Bcc: z@y.example\r\n${text}`)])
    assert.equal(octets, received + text)
  })

  it('is completed where it is a header section alone', () => {
    for (const text of [`${from}${date}${messageId}`, `${from}${date}${messageId}`.slice(0, -2)]) {
      const { octets, content } = assemble([Buffer.from(text)])
      assert.equal(octets, `${received}${from}${date}${messageId}\r\n`)
      assert.equal(content.bodyHash, hash('sha256', '', 'base64'))
    }
  })

  it('is the same for any chunking', () => {
    const text = `Bcc: x@y.example\r\n${from}Subject: a\r\n b\r\n\r\nBody \t x\r\n\r\n \r\n\r\nend`
    const whole = assemble([Buffer.from(text)])
    fc.assert(
      fc.property(fc.array(fc.nat(30), { maxLength: 30 }), (lengths) => {
        const chunks: Buffer[] = []
        let at = 0
        for (const length of lengths) {
          chunks.push(Buffer.from(text.slice(at, at + length)))
          at += length
        }
        const parts = assemble([...chunks, Buffer.from(text.slice(at))])
        assert.equal(parts.octets, whole.octets)
        assert.equal(parts.content.bodyHash, whole.content.bodyHash)
        assert.deepEqual(parts.content.facts, whole.content.facts)
        assert.equal(parts.content.size, whole.content.size)
      }),
    )
  })

  it('says what its header section says', () => {
    const subject = 'Subject: =?utf-8?q?caf=C3=A9?=\r\n'
    const sender = 'From: Doe <doe@example.com>, x@Other.example, y@example.com\r\n'
    const bySender = 'Sender: Desk <desk@third.example>\r\n'
    const hops = 'Received: a\r\nreceived: b\r\n'
    const { content } = assemble([
      Buffer.from(`${hops}${sender}${bySender}${subject}${messageId}\r\n`),
    ])
    assert.deepEqual(content.facts, {
      from: 'doe@example.com',
      fromDomain: 'example.com',
      fromDomains: ['example.com', 'other.example'],
      senderDomain: 'third.example',
      headerFrom: 'Doe <doe@example.com>, x@Other.example, y@example.com',
      messageId: '<one@example.com>',
      subject: 'café',
      listId: null,
      receivedCount: 2,
      hasDate: false,
      is8BitHeader: false,
      is8BitBody: false,
    })
    const long = `Subject: ${'x'.repeat(5_000)}\r\n${from}\r\n`
    assert.equal(assemble([Buffer.from(long)]).content.facts.subject?.length, 500)
  })

  it('tells where 8-bit octets are', () => {
    const ascii = assemble([Buffer.from(`${from}\r\n`), Buffer.from('b\u00e9')])
    assert.deepEqual(
      [ascii.content.facts.is8BitHeader, ascii.content.facts.is8BitBody],
      [false, true],
    )
    const utf8 = assemble([Buffer.from(`${from}Subject: \u00e9\r\n\r\nb`)])
    assert.deepEqual(
      [utf8.content.facts.is8BitHeader, utf8.content.facts.is8BitBody],
      [true, false],
    )
  })
})

describe('Content is refused', () => {
  const long = 'x'.repeat(serverLimits.headerOctets)
  for (const [why, text, code, enhanced] of [
    ['without anything', '', 550, '5.6.0'],
    ['without a header section', '\r\nHello\r\n', 550, '5.6.0'],
    ['with text where a field should be', 'Hello,\r\n\r\nhow are you?\r\n', 550, '5.6.0'],
    ['without From', 'To: a@b.example\r\n\r\n', 550, '5.6.0'],
    ['with several From fields', `${from}to: x\r\nFROM : a@b.example\r\n\r\n`, 550, '5.6.0'],
    [
      'with an address in From that hides beside a good one',
      'From: Boss ceo@example.net, a@b.example\r\n\r\n',
      550,
      '5.6.0',
    ],
    ['with several mailboxes in From and no Sender', 'From: a@b.c, d@e.f\r\n\r\n', 550, '5.6.0'],
    ['with several Senders', `${from}Sender: a@b.c\r\nSender: a@b.c\r\n\r\n`, 550, '5.6.0'],
    ['with several mailboxes in Sender', `${from}Sender: a@b.c, d@e.f\r\n\r\n`, 550, '5.6.0'],
    ['with a Sender that has no mailbox', `${from}Sender: nobody\r\n\r\n`, 550, '5.6.0'],
    ['with several Subjects', `${from}Subject: a\r\nsubject: b\r\n\r\n`, 550, '5.6.0'],
    ['with several Dates', `${date}${from}${date}\r\n`, 550, '5.6.0'],
    ['with several Message-IDs', `${messageId}${from}${messageId}\r\n`, 550, '5.6.0'],
    ['with several To fields', `${from}To: a@b.c\r\nTo : d@e.f\r\n\r\n`, 550, '5.6.0'],
    ['with a From that has no mailbox', 'From: nobody\r\n\r\n', 550, '5.6.0'],
    [
      'with too many mailboxes in From',
      `From: ${'a@b.example,'.repeat(200)}\r\n\r\n`,
      550,
      '5.6.0',
    ],
    ['with a bare LF in the header section', `${from}To: a\nBcc: b\r\n\r\n`, 550, '5.6.0'],
    ['with a bare CR in the body', `${from}\r\na\rb\r\n`, 550, '5.6.0'],
    ['with NUL in the header section', `${from}To: \0\r\n\r\n`, 550, '5.6.0'],
    ['with a long header section', `${from}To: ${long}\r\n\r\n`, 552, '5.3.4'],
    ['with a header section that does not end', `${from}To: ${long}${long}`, 552, '5.3.4'],
    ['with too many fields', `${from}${'a:\r\n'.repeat(2_000)}\r\n`, 552, '5.3.4'],
    ['with too many hops', `${'Received: x\r\n'.repeat(100)}${from}\r\n`, 554, '5.4.6'],
  ] as const) {
    it(`${why}, in one chunk and in small ones`, () => {
      const octets = Buffer.from(text)
      for (const size of [octets.length, 999]) {
        const assembler = new ContentAssembler(options({}))
        for (let at = 0; at < octets.length; at += size)
          assembler.write(octets.subarray(at, at + size))
        const content = assembler.finish()
        assert.ok(content.kind === 'fault')
        assert.deepEqual([content.reply.code, content.reply.enhanced], [code, enhanced])
      }
    })
  }

  it('at no more cost for a header section in single octets', () => {
    const assembler = new ContentAssembler(options({}))
    const octet = Buffer.from('x')
    for (let at = 0; at <= serverLimits.headerOctets; at++)
      assert.deepEqual(assembler.write(octet), [])
    assert.equal(assembler.finish().kind, 'fault')
    assert.ok(contentLimits.gatherOctets < serverLimits.headerOctets)
  })
})

function assemble(chunks: readonly Buffer[]) {
  const assembler = new ContentAssembler(options({}))
  const written = chunks.flatMap((chunk) => [...assembler.write(chunk)])
  const content: AssembledContent = assembler.finish()
  assert.ok(content.kind === 'content', JSON.stringify(content))
  const octets = Buffer.concat([...written, ...content.chunks]).toString('latin1')
  return { content, octets }
}

function options(changes: Partial<ContentOptions>): ContentOptions {
  const id = parseMessageId('01JZ0000000000000000000000')
  assert.ok(id)
  return {
    id,
    hostname: 'relay.example',
    now: instant(Date.UTC(2026, 5, 1, 12)),
    trace: {
      address: '192.0.2.7',
      helo: 'client.example',
      protocol: 'ESMTPSA',
      tls: { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' },
    },
    forRecipient: parseMailbox('jane@example.net'),
    smtputf8: false,
    priority: 0,
    ...changes,
  }
}
