// SPDX-License-Identifier: Apache-2.0
/** A wrong configuration at the start and in operation. All mistakes that are found: `config-check.test.ts`. */
import assert from 'node:assert/strict'
import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { CommandLine } from '../support/command-line.ts'
import { until } from '../support/in-time.ts'
import { trustLoopback } from '../support/relay-config.ts'
import { sendBySmtp } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'

test('A relay with a wrong configuration ends with 78 and names every mistake', async () => {
  await using shell = await CommandLine.open()
  await shell.init('relay.example.com')
  const file = join(shell.folder, 'posthaste.toml')
  const before = readFileSync(file, 'utf8').split('\n').length - 1
  appendFileSync(file, '[delivery]\nconection_per_site = 5\nidle = "five"\n')
  const { code, stderr, stdout } = await shell.runAlone('serve')
  assert.equal(code, 78)
  assert.equal(stdout, '')
  const [first, second] = stderr.split('\n')
  assert.equal(
    first,
    `posthaste: ${file}:${before + 2}: delivery.conection_per_site: unknown key; did you mean "connections_per_site"?`,
  )
  assert.match(
    second ?? '',
    new RegExp(
      `^posthaste: ${file}:${before + 3}: delivery\\.idle: found "five", expected a length`,
    ),
  )
})

test('A relay that is told to read a wrong configuration says so and goes on as before', async () => {
  await using relay = await RunningRelay.start({ config: trustLoopback, domains: ['shop.example'] })
  appendFileSync(relay.configFile, '[delivery]\ntls = "always"\n')
  relay.signal('SIGHUP')
  await until(
    () => relay.log.includes('the new configuration is wrong'),
    () => `no complaint in the log:\n${relay.log}`,
  )
  assert.match(relay.log, /posthaste\.toml:\d+: delivery\.tls: found \\"always\\", expected/)
  const transaction = { mail: '<orders@shop.example>', rcpt: ['<jane@example.invalid>'] }
  assert.match(await sendBySmtp(relay, transaction), /^250 2\.0\.0 /)
})
