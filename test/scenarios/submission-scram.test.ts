// SPDX-License-Identifier: Apache-2.0
/** SCRAM-SHA-256 as other people's programs speak it. */

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { ReceivedEvent } from '../../src/events/event.ts'
import { unpacked } from '../interop/packages.ts'
import { runProgram } from '../support/finished-program.ts'
import { until } from '../support/in-time.ts'
import { programNamed } from '../support/installed.ts'
import { routeTo } from '../support/relay-config.ts'
import { messageText, openSession } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'

interface ScramCredential {
  readonly id: string
  readonly secret: string
}

/** Adds it to a running relay, and waits until SCRAM is offered: records are looked at once a second. */
async function addScram(relay: RunningRelay): Promise<ScramCredential> {
  const added = await relay.json(
    ...['credential', 'add', '--label', 'scram', '--tenant', 'default', '--scram'],
  )
  await until(
    async () => (await offered(relay)).includes('SCRAM-SHA-256'),
    () => `SCRAM is not offered:\n${relay.log}`,
  )
  return added as ScramCredential
}

async function offered(relay: RunningRelay): Promise<string> {
  await using dialog = await openSession(relay)
  await dialog.say('STARTTLS')
  await dialog.secure()
  return await dialog.say('EHLO c')
}

const msmtp = unpacked({ debian: ['msmtp'] })

test('msmtp logs in by SCRAM-SHA-256', {
  skip: msmtp === null && 'msmtp is not here; npm run interop fetches it',
}, async () => {
  await using relay = await RunningRelay.start({ domains: ['shop.example'], config: routeTo(9) })
  const { id, secret } = await addScram(relay)
  const configuration = join(relay.folder, 'msmtprc')
  const run = (password: string) => {
    const lines = [
      ...['account default', 'host localhost', `port ${relay.port}`, 'from orders@shop.example'],
      ...['tls on', 'tls_starttls on', `tls_trust_file ${join(relay.folder, 'tls.crt')}`],
      ...['auth scram-sha-256', `user ${id}`, `password ${password}`, ''],
    ]
    writeFileSync(configuration, lines.join('\n'), { mode: 0o600 })
    return runProgram(
      msmtp?.program('usr/bin/msmtp') ?? '',
      ['-C', configuration, 'jane@example.net'],
      {
        environment: msmtp?.environment ?? {},
        input: messageText({ subject: 'By SCRAM' }).replaceAll('\r\n', '\n'),
      },
    )
  }
  const { code, stderr } = await run(secret)
  assert.equal(code, 0, stderr)
  const { credential, protocol } = await relay.waitForEvent(
    (event): event is ReceivedEvent => event.type === 'message.received',
  )
  assert.deepEqual([credential, protocol], [id, 'ESMTPSA'])
  const refused = await run(relay.secret)
  assert.notEqual(refused.code, 0)
  assert.match(refused.stderr, /535 5\.7\.8/)
})

const gsasl = programNamed('gsasl')

test('GNU SASL logs in by SCRAM-SHA-256, and takes our own proof', {
  skip: gsasl === null && 'gsasl is not installed',
}, async () => {
  await using relay = await RunningRelay.start({ submission: 'clear_text_auth = "loopback"\n' })
  const { id, secret } = await addScram(relay)
  const run = (password: string) =>
    runProgram(gsasl ?? '', [
      ...['--smtp', '--connect', `127.0.0.1:${relay.port}`, '--no-starttls'],
      ...['--mechanism', 'SCRAM-SHA-256', '--authentication-id', id, '--password', password],
    ])
  const { stdout } = await run(secret)
  assert.match(stdout, /\n235 2\.7\.0 /)
  const refused = await run(relay.secret)
  assert.match(refused.stdout, /\n535 5\.7\.8 /)
})
