// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runProgram } from '../support/finished-program.ts'
import { unlessInstalled } from '../support/installed.ts'
import { InteropStage, RECIPIENT, SENDER } from '../support/interop-stage.ts'

const skip = unlessInstalled('swaks')

test('swaks gets mail through with each way of AUTH over STARTTLS, but not with a wrong secret', {
  skip,
}, async () => {
  await using stage = await InteropStage.open()
  const refused = await swaks(stage, 'PLAIN', 'wrong')
  // As swaks says that authentication failed.
  assert.equal(refused.code, 28, refused.stdout)
  assert.match(refused.stdout, /^<~\* 535 5\.7\.8 /m)
  for (const way of ['PLAIN', 'LOGIN']) {
    const { code, stdout } = await swaks(stage, way, stage.relay.secret)
    assert.equal(code, 0, stdout)
    assert.match(stdout, /^=== TLS started with cipher TLSv1\.3/m)
    assert.match(stdout, /^<~ {2}235 2\.7\.0 /m)
    const { content } = await stage.delivered(`By ${way}`)
    assert.match(content.toString(), /\r\n\r\nHello, Jane\.\r\n\.\r\nThe end\.\r\n/)
  }
  assert.equal(stage.sink.messages.length, 2)
})

function swaks({ relay }: InteropStage, way: string, secret: string) {
  const options = {
    '--server': `127.0.0.1:${relay.port}`,
    '--auth': way,
    '--auth-user': 'application',
    '--auth-password': secret,
    '--from': SENDER,
    '--to': RECIPIENT,
    '--h-Subject': `By ${way}`,
    // A line that is a dot alone.
    '--body': 'Hello, Jane.\n.\nThe end.',
  }
  return runProgram('swaks', ['--tls', ...Object.entries(options).flat()])
}
