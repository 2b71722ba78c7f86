// SPDX-License-Identifier: Apache-2.0
/** A relay whose records are in PostgreSQL goes on with what it knows while that is away, and catches up when it is back. */

import assert from 'node:assert/strict'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { until } from '../support/in-time.ts'
import { routeTo } from '../support/relay-config.ts'
import { send } from '../support/relay-mail.ts'
import {
  POSTGRES_PASSWORD,
  RunningPostgres,
  skipWithoutPostgres,
} from '../support/running-postgres.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { type RunningSink, startSink } from '../support/running-sink.ts'

describe('a relay with its records in PostgreSQL', { skip: skipWithoutPostgres }, () => {
  const running = new AsyncDisposableStack()
  let postgres: RunningPostgres
  let sink: RunningSink
  let relay: RunningRelay

  before(async () => {
    postgres = running.use(await RunningPostgres.start())
    sink = running.use(await startSink())
    const passwordFile = join(postgres.folder, 'relay-password')
    writeFileSync(passwordFile, `${POSTGRES_PASSWORD}\n`)
    chmodSync(passwordFile, 0o600)
    relay = running.use(
      await RunningRelay.start({
        config: `${routeTo(sink.port)}[store]\npostgres = "postgres://relay@127.0.0.1:${postgres.port}/postgres"\npassword_file = "${passwordFile}"\n`,
        commands: [
          ['tenant', 'add', 'default'],
          ['domain', 'add', 'shop.example'],
        ],
      }),
    )
  })
  after(() => running.disposeAsync())

  it('says so in config check, and verifies them', async () => {
    const check = await relay.cli('config', 'check')
    assert.match(
      check.stdout,
      /records +PostgreSQL at 127\.0\.0\.1:\d+\/postgres, schema posthaste/,
    )
    await relay.stop()
    const verify = await relay.cli('verify')
    assert.equal(verify.code, 0, verify.stdout)
    assert.match(verify.stdout, /signing keys +2/)
    await relay.restart()
  })

  it('takes and delivers mail while the server is away, and says what is wrong', async () => {
    await postgres.end()
    await untilLog(/the last ones known are used/)
    const id = await send(relay, { to: ['ann@example.net'] })
    await relay.waitForEvent(
      (event) => event.type === 'message.delivered' && event.messageId === id,
    )
    assert.equal((await relay.readiness()).status, 'ready')
    const refused = await relay.cli('tenant', 'add', 'later')
    assert.equal(refused.code, 74, refused.stderr)
    assert.match(refused.stderr, /the records cannot be read or written now; try again later/)
    assert.doesNotMatch(`${relay.log}${refused.stderr}`, new RegExp(POSTGRES_PASSWORD))
  })

  it('takes up changes once the server is back', async () => {
    await postgres.begin()
    await untilLog(/the records can be read again/)
    const failures = relay.log.match(/"error":[^\n]*the last ones known are used/g) ?? []
    assert.ok(failures.length > 0, relay.log)
    assert.equal(new Set(failures).size, failures.length, 'each reason is said once')
    await relay.json('tenant', 'add', 'later')
    await relay.json('domain', 'add', 'later.example', '--tenant', 'later')
    await send(relay, { to: ['bob@example.net'], from: 'a@later.example', tenant: 'later' })
  })

  it('does not start without the server, and names it', async () => {
    await relay.stop()
    await postgres.end()
    const { code, stderr } = await relay.serveAgain()
    assert.equal(code, 74, stderr)
    assert.match(stderr, /PostgreSQL at 127\.0\.0\.1:\d+\/postgres: connect ECONNREFUSED/)
    await postgres.begin()
  })

  async function untilLog(pattern: RegExp): Promise<void> {
    await until(
      () => pattern.test(relay.log),
      () => relay.log,
    )
  }
})
