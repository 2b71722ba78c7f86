// SPDX-License-Identifier: Apache-2.0
/** Reports quote what submitters and receivers wrote. None of it becomes a line of its own. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { instant } from '../../src/base/brand.ts'
import { writeReport } from '../../src/protocol/dsn/report.ts'
import type { Report } from '../../src/protocol/dsn/report-facts.ts'
import { parseMailbox } from '../../src/protocol/mailbox.ts'
import { reply } from '../../src/protocol/reply.ts'
import { parseCommand } from '../../src/protocol/smtp/command.ts'
import { encodeXtext } from '../../src/protocol/smtp/xtext.ts'
import { corpus } from '../support/corpus.ts'

const folder = corpus('adversarial')
const naughty: readonly string[] =
  folder === null ? [] : JSON.parse(readFileSync(`${folder}/naughty-strings.json`, 'utf8'))
const payloads = ['', '\r\nX-Evil: 1', '\nX-Evil: 1', '\rX-Evil: 1', '\r\n\r\nX-Evil: 1', '\0']
const texts = ['', 'a', ...naughty].flatMap((text) => payloads.map((payload) => text + payload))

const reporter = parseMailbox('shop@example.com')
const jane = parseMailbox('jane@example.net')
assert.ok(reporter && jane)

/** As MAIL and RCPT let it through; else as if it had not been given. */
function accepted(line: string) {
  return parseCommand(Buffer.from(line))
}

function reportQuoting(text: string, smtputf8: boolean): Report {
  const mail = accepted(`MAIL FROM:<a@b.example> ENVID=${encodeXtext(text)}`)
  const original = smtputf8 ? `utf-8;${text}` : `rfc822;${encodeXtext(text)}`
  const rcpt = accepted(`RCPT TO:<jane@example.net> ORCPT=${original}`)
  return {
    hostname: 'relay.example',
    from: 'postmaster@relay.example',
    now: instant(0),
    arrivedAt: instant(0),
    messageId: '01JZ0000000000000000000000',
    reversePath: reporter ?? assert.fail(),
    envelope: { envid: mail.verb === 'MAIL' ? mail.envid : null, ret: null, smtputf8 },
    recipients: [
      {
        recipient: {
          forwardPath: jane ?? assert.fail(),
          notify: null,
          originalRecipient: rcpt.verb === 'RCPT' ? rcpt.originalRecipient : null,
        },
        fate: { kind: 'bounced' },
        reply: reply(550, '5.1.1', text),
        said: 'peer',
        remoteMta: text === '' ? null : text,
        lastAttemptAt: instant(0),
      },
    ],
    original: {
      octets: Buffer.from(`Message-ID: ${text.replaceAll(/[\r\n\0]/g, '')}\r\n\r\n`),
      isComplete: true,
    },
  }
}

const known =
  /^(?:From|To|Subject|Date|In-Reply-To|References|Auto-Submitted|MIME-Version|Content-Type|Content-Transfer-Encoding|Original-Envelope-Id|Reporting-MTA|Arrival-Date|Original-Recipient|Final-Recipient|Action|Status|Remote-MTA|Diagnostic-Code|Last-Attempt-Date): /

test('whatever an ENVID, an ORCPT, a receiver or a Message-ID says, a report has its own fields and no others', () => {
  for (const text of texts)
    for (const smtputf8 of [false, true]) {
      const { content } = writeReport(reportQuoting(text, smtputf8))
      const [header = '', , status = ''] = content.toString().split(/\r\n--=_[^\r]*\r\n/)
      const [, ...groups] = status.split('\r\n\r\n')
      assert.equal(groups.filter((group) => group !== '').length, 2, JSON.stringify(text))
      const lines = [header, ...groups].join('\r\n').split('\r\n')
      for (const line of lines)
        assert.ok(line === '' || /^[ \t]/.test(line) || known.test(line), JSON.stringify(line))
      assert.doesNotMatch(content.toString(), /[^\r]\n|\r[^\n]|\0/)
    }
})

test('whatever stands in a command, what is read out of it has no control characters', () => {
  for (const text of texts)
    for (const line of [
      `EHLO ${text}`,
      `MAIL FROM:<${text}@b.example> SMTPUTF8`,
      `MAIL FROM:<"${text}"@b.example> SMTPUTF8 ENVID=${encodeXtext(text)}`,
      `RCPT TO:<a@${text}> ORCPT=rfc822;${encodeXtext(text)}`,
      `RCPT TO:<${text}@b.example> ORCPT=utf-8;${text}`,
    ]) {
      const command = accepted(line)
      if (command.verb === 'FAULT') continue
      for (const value of Object.values(command))
        if (typeof value === 'string') assert.doesNotMatch(value, /\p{Cc}/u, JSON.stringify(line))
    }
})
