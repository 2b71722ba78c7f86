// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { runProgram } from '../support/finished-program.ts'
import { unlessInstalled } from '../support/installed.ts'
import { InteropStage, RECIPIENT, SENDER } from '../support/interop-stage.ts'

const skip = unlessInstalled('msmtp')

test('msmtp trusts the certificate that init made, and gets mail through', { skip }, async () => {
  await using stage = await InteropStage.open()
  const configuration = join(stage.relay.folder, 'msmtprc')
  writeFileSync(
    configuration,
    `account default
host localhost
port ${stage.relay.port}
from ${SENDER}
tls on
tls_starttls on
tls_trust_file ${stage.certificateFile}
auth on
user application
password ${stage.relay.secret}
`,
    { mode: 0o600 },
  )
  const message = `From: ${SENDER}\nTo: ${RECIPIENT}\nBcc: joe@example.net\nSubject: By msmtp\n\nHello, Jane.\n`
  const { code, stderr } = await runProgram('msmtp', ['-C', configuration, '-t'], message)
  assert.equal(code, 0, stderr)
  const { content } = await stage.delivered('By msmtp')
  assert.doesNotMatch(content.toString(), /^Bcc:/im)
  assert.match(content.toString(), /\r\n\r\nHello, Jane\.\r\n$/)
  const { recipients } = await stage.submitted('By msmtp')
  assert.deepEqual(recipients.toSorted(), [RECIPIENT, 'joe@example.net'])
})
