// SPDX-License-Identifier: Apache-2.0
/** Lines and content of SMTP: commands, replies, mailboxes, and what ends a message. */
import assert from 'node:assert/strict'
import {
  foldMailbox,
  isInternational,
  parseDomain,
  parseMailbox,
} from '../../src/protocol/mailbox.ts'
import { parseAddressList } from '../../src/protocol/message/address-list.ts'
import { type Command, parseCommand } from '../../src/protocol/smtp/command.ts'
import { ContentReader } from '../../src/protocol/smtp/content-reader.ts'
import { extensionsOf } from '../../src/protocol/smtp/extensions.ts'
import { parsePathArgument } from '../../src/protocol/smtp/path-argument.ts'
import { isFault, ReplyReader } from '../../src/protocol/smtp/reply-reader.ts'
import { wireReply } from '../../src/protocol/smtp/server-replies.ts'
import { encodeXtext } from '../../src/protocol/smtp/xtext.ts'
import type { FuzzTarget } from './targets.ts'

/** Control characters, which nothing that we pass on may have. */
const CONTROL = /\p{Cc}/u

/** One line without its CRLF. */
export const commandTarget: FuzzTarget = {
  seeds: [
    'EHLO [IPv6:2001:db8::1]',
    'MAIL FROM:<"a b"@c.example> SIZE=1000 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=x+2By',
    'MAIL FROM:<> HOLDFOR=60 MT-PRIORITY=-3 REQUIRETLS AUTH=<>',
    'MAIL FROM:<a@b> HOLDUNTIL=2026-01-01T00:00:00Z',
    'RCPT TO:<@x,@y:c@d.example> NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;a+40b',
    'RCPT TO:<ü@[192.0.2.1]> ORCPT=utf-8;x\\x{FC}',
    'RCPT TO:<Postmaster>',
    'BDAT 12 LAST',
    'AUTH PLAIN AHgAeQ==',
    'XCLIENT ADDR=IPV6:2001:db8::1 HELO=x PROTO=ESMTP',
    'VRFY x',
    'STARTTLS',
  ],
  tokens: [
    'FROM:<',
    'TO:<',
    '>',
    ' SIZE=',
    ' NOTIFY=',
    'NEVER',
    'ORCPT=',
    ';',
    '"',
    '@',
    '\\',
    'BDAT ',
    'LAST',
  ],
  run: (input) => assertSound(parseCommand(input)),
}

function assertSound(command: Command): void {
  if (command.verb === 'FAULT') {
    assert.ok(command.reply.code === 421 || command.reply.code >= 500)
    assert.match(wireReply(command.reply), /^\d{3} [^\r\n]*\r\n$/)
  } else if (command.verb === 'EHLO' || command.verb === 'HELO') {
    assert.match(command.name, /^[!-~]{1,255}$/)
    assert.doesNotMatch(command.name, /[()<>"\\]/)
  } else if (command.verb === 'MAIL') {
    if (command.reversePath !== null) assertMailbox(command.reversePath)
    assert.ok(command.envid === null || encodeXtext(command.envid).length <= 100)
  } else if (command.verb === 'RCPT') {
    if (command.forwardPath !== null) assertMailbox(command.forwardPath)
    assert.doesNotMatch(command.originalRecipient ?? '', CONTROL)
  } else if (command.verb === 'BDAT') assert.ok(Number.isSafeInteger(command.octets))
}

/** It reads as itself, and can stand in a command. */
function assertMailbox(mailbox: string): void {
  assert.ok(Buffer.byteLength(mailbox) <= 254)
  assert.doesNotMatch(mailbox, CONTROL)
  assert.equal(parseMailbox(mailbox), mailbox)
  assert.equal(parsePathArgument(`TO:<${mailbox}>`, 'TO')?.written, mailbox)
}

/** What a server says, in one piece and in two. */
export const replyTarget: FuzzTarget = {
  seeds: [
    '250 2.1.0 Ok\r\n',
    '250-mx.example\r\n250-SIZE 1000\r\n250-LIMITS RCPTMAX=5 MAILMAX=2\r\n250-PIPELINING\r\n250 DSN\r\n',
    '550-5.7.1 no\r\n550 5.7.1 never\r\n421\r\n',
    '354 go\n250\n',
  ],
  tokens: ['250-', '250 ', '\r\n', '\n', '5.1.1 ', 'SIZE ', 'LIMITS ', 'RCPTMAX=', '4.2.'],
  run: (input) => {
    const whole = repliesIn([input])
    const half = (input[0] ?? 0) % (input.length + 1)
    assert.deepEqual(repliesIn([input.subarray(0, half), input.subarray(half)]), whole)
    for (const found of whole) {
      if (isFault(found)) continue
      assert.ok(found.code >= 200 && found.code <= 599)
      assert.doesNotMatch(found.text.replaceAll('\n', ''), CONTROL)
      const { size, recipientsMost } = extensionsOf(found)
      assert.ok(size === null || size >= 0)
      assert.ok(recipientsMost > 0)
    }
  },
}

function repliesIn(pieces: readonly Buffer[]) {
  const reader = new ReplyReader()
  const found = []
  for (const piece of pieces) {
    reader.push(piece)
    for (let next = reader.next(); next !== null; next = reader.next()) {
      found.push(next)
      if (isFault(next)) return found
    }
  }
  return found
}

/** A field's address list, a mailbox, a domain. */
export const addressTarget: FuzzTarget = {
  seeds: [
    'Jane Doe <jane@example.com>, "Doe, J." <j@[192.0.2.1]>',
    'group: a@b, c@d (comment (nested));, <@x,@y:e@f>',
    '"a\\"b" @ c . example, ü@bücher.example',
    'a@[IPv6:2001:db8::1]',
    'xn--bcher-kva.example',
  ],
  tokens: ['<', '>', '"', '(', ')', '[', ']', '@', ',', ';', ':', '\\', 'xn--', 'IPv6:'],
  run: (input) => {
    const text = input.toString('utf8')
    const { mailboxes, unreadable, doubtful } = parseAddressList(text, 50)
    assert.ok(mailboxes.length <= 50 && unreadable >= 0 && doubtful >= 0)
    for (const mailbox of mailboxes) {
      assertMailbox(mailbox)
      assert.equal(foldMailbox(mailbox), foldMailbox(mailbox).toLowerCase())
      isInternational(mailbox)
    }
    const mailbox = parseMailbox(text)
    if (mailbox !== null) assertMailbox(mailbox)
    const domain = parseDomain(text)
    if (domain === null) return
    assert.equal(parseDomain(domain), domain)
    assert.match(domain, /^[!-~]{1,255}$/)
  },
}

const contentLimits = { textLineOctets: 60, messageOctets: 500 }

/** Dot-stuffed content, in one piece and in two: the same ends it, and only CRLF.CRLF does. */
export const contentTarget: FuzzTarget = {
  seeds: [
    'Subject: x\r\n\r\n..dot\r\n.\r\n',
    'x\n.\nQUIT\r\n',
    'x\r.\r\n.\r\n',
    '.\r\n',
    '.\r.\n.\r\n',
  ],
  tokens: ['\r\n.\r\n', '\r\n', '.', '\r', '\n', '\n.\n', '\r\n..', '\0'],
  run: (input) => {
    const whole = contentOf([input])
    const half = (input[0] ?? 0) % (input.length + 1)
    const parts = contentOf([input.subarray(0, half), input.subarray(half)])
    assert.equal(parts.hasEnded, whole.hasEnded)
    assert.equal(parts.end, whole.end)
    assert.equal(parts.isGood, whole.isGood)
    if (whole.isGood) assert.deepEqual(parts.content, whole.content)
    const mark = Buffer.concat([Buffer.from('\r\n'), input]).indexOf('\r\n.\r\n')
    assert.equal(whole.hasEnded ? whole.end : -1, mark < 0 ? -1 : mark + 3)
  },
}

function contentOf(pieces: readonly Buffer[]) {
  const reader = new ContentReader('dot-stuffed', contentLimits)
  const content: Buffer[] = []
  let end = 0
  for (const piece of pieces) {
    if (reader.hasEnded) break
    end += reader.read(piece)
    content.push(Buffer.from(reader.content))
  }
  const { hasEnded, fault } = reader
  return { hasEnded, end, isGood: fault === null, content: Buffer.concat(content) }
}
