// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { clock, newId } from '../../test/support/feedback-samples.ts'
import { readReport } from '../protocol/report/read-report.ts'
import { reportedMailIn, type SentMail, theOneIn } from './reported-mail.ts'

function reportOf(returned = '', recipients: readonly string[] = ['Jane@example.net']) {
  const groups = recipients.map((to) => `\nFinal-Recipient: rfc822; ${to}\nAction: failed\n`)
  const text = `From: m@mx.example
Content-Type: multipart/report; boundary=b

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
${groups.join('')}
--b
Content-Type: text/rfc822-headers

${returned}
--b--
`
  return readReport(Buffer.from(text.replaceAll('\n', '\r\n')))
}

const aboutOf = (returned?: string) => {
  const about = reportedMailIn(reportOf(returned))
  assert.ok(about)
  return about
}

function sent(change: Partial<SentMail> = {}): SentMail {
  return {
    messageId: newId(),
    recipientIndex: 2,
    receivedAt: clock.now(),
    headerFrom: 'The Shop <news@Shop.example>',
    headerMessageId: '<1@shop.example>',
    ...change,
  }
}

describe('Mail that a report without proof may be about', () => {
  it('is the only one that its recipient got', () => {
    const mail = sent()
    const { messageId } = mail
    assert.deepEqual(theOneIn([mail], aboutOf()), { messageId, recipientIndex: 2 })
  })

  it('is none where nothing was sent, or twice, whoever sent it', () => {
    assert.equal(theOneIn([], aboutOf()), null)
    assert.equal(theOneIn([sent(), sent({ headerFrom: 'x@other.example' })], aboutOf()), null)
  })

  it('is told from others by what came back of its header', () => {
    const [mail, other] = [
      sent(),
      sent({ headerFrom: 'x@other.example', headerMessageId: '<2@other.example>' }),
    ]
    const about = (returned: string) => theOneIn([mail, other], aboutOf(returned))?.messageId
    assert.equal(about('From: Somebody <news@SHOP.example>'), mail.messageId)
    assert.equal(about('Message-ID: <2@other.example>'), other.messageId)
    assert.equal(about('From: x@other.example\nMessage-ID: <1@shop.example>'), undefined)
    assert.equal(about('From: x@elsewhere.example'), undefined)
  })

  it('is none of another time than its header says', () => {
    const day = 86_400_000
    const date = (ago: number) => `Date: ${new Date(clock.now() - ago).toUTCString()}`
    assert.ok(theOneIn([sent()], aboutOf(date(0.9 * day))))
    assert.equal(theOneIn([sent()], aboutOf(date(2 * day))), null)
    assert.ok(theOneIn([sent()], aboutOf('Date: whenever')))
  })

  it('is asked for only where a report names one recipient', () => {
    assert.equal(aboutOf().recipient, 'jane@example.net')
    assert.equal(reportedMailIn(reportOf('', ['a@x.example', 'b@x.example'])), null)
    assert.ok(reportedMailIn(reportOf('', ['a@x.example', 'A@x.example'])))
    assert.equal(reportedMailIn(readReport(Buffer.from('From: jane@example.net\r\n\r\nHi'))), null)
  })
})
