// SPDX-License-Identifier: Apache-2.0
/** The mail server that many an application hands its mail to, with the relay behind it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InteropStage, RECIPIENT, SENDER } from '../support/interop-stage.ts'
import { sendBySmtp } from '../support/relay-mail.ts'
import { RunningPostfix, unlessPostfixRuns } from '../support/running-postfix.ts'

const skip = unlessPostfixRuns()

test('Postfix with the relay as relayhost gets mail through', { skip }, async () => {
  await using stage = await InteropStage.open()
  await using postfix = await RunningPostfix.start({
    relayhost: `[localhost]:${stage.relay.port}`,
    smtp_tls_security_level: 'secure',
    smtp_tls_CAfile: stage.certificateFile,
    smtp_sasl_auth_enable: 'yes',
    smtp_sasl_password_maps: `static:application:${stage.relay.secret}`,
    smtp_sasl_security_options: 'noanonymous',
  })
  const content = `From: ${SENDER}\r\nTo: ${RECIPIENT}\r\nSubject: By Postfix\r\n\r\nHello, Jane.\r\n`
  const transaction = { mail: `<${SENDER}>`, rcpt: [`<${RECIPIENT}>`], content }
  assert.match(await sendBySmtp(postfix, transaction), /^250 /)
  const message = await stage.delivered('By Postfix')
  assert.match(message.content.toString(), /\r\n\r\nHello, Jane\.\r\n$/)
  assert.match(postfix.log(), /status=sent \(250 2\.0\.0 Ok: queued as [0-9A-Z]{26}\)/)
})
