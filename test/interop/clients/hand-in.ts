// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import type { SmtpDialog } from '../../support/smtp-dialog.ts'
import type { Submission } from './client.ts'

/** Gives a mail server what it is to submit, with the parameters that ask for the same of the next. Its last reply. */
export async function handIn(dialog: SmtpDialog, submission: Submission): Promise<string> {
  const { sender, recipients, content } = submission
  assert.match(await dialog.reply(), /^220 /)
  assert.match(await dialog.say('EHLO application.example'), /^250-/)
  let mail = `MAIL FROM:<${sender}>`
  if (submission.declares8Bit) mail += ' BODY=8BITMIME'
  if (submission.needsUtf8) mail += ' SMTPUTF8'
  if (submission.asksForDsn) mail += ' RET=HDRS ENVID=QQ314159'
  assert.match(await dialog.say(mail), /^250 /)
  const notify = submission.asksForDsn ? ' NOTIFY=SUCCESS,FAILURE' : ''
  for (const recipient of recipients) {
    const path = Buffer.from(recipient).toString('latin1')
    assert.match(await dialog.say(`RCPT TO:<${path}>${notify}`), /^250 /)
  }
  assert.match(await dialog.say('DATA'), /^354 /)
  dialog.send(content.toString('latin1').replaceAll(/^\./gm, '..'))
  return await dialog.say('.')
}
