// SPDX-License-Identifier: Apache-2.0
/** What somebody else has already: the data directory, a port. The relay says whose or which it is, and ends. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { CommandLine } from '../support/command-line.ts'
import { RunningRelay } from '../support/running-relay.ts'

test('A data directory in use names its owner, and is free when the owner was killed', async () => {
  await using relay = await RunningRelay.start()
  const { code, stderr } = await relay.serveAgain()
  assert.equal(code, 75)
  assert.match(
    stderr,
    new RegExp(`^posthaste: ${relay.dataDir}\\S* is in use by process ${relay.pid} since \\d`),
  )
  assert.equal((await relay.readiness()).status, 'ready')
  await relay.kill()
  await relay.restart()
  assert.equal((await relay.readiness()).status, 'ready')
})

test('A port that another program has is named, with what to do', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  try {
    await assertPortInUse('submission', address.port)
    await assertPortInUse('operations', address.port)
  } finally {
    server.close()
  }
})

test('A port that another relay has is named too, and that relay is not disturbed', async () => {
  await using relay = await RunningRelay.start()
  await assertPortInUse('submission', relay.port)
  await assertPortInUse('operations', relay.operationsPort)
  assert.equal((await relay.readiness()).status, 'ready')
})

/** A second installation whose listener wants that port. */
async function assertPortInUse(listener: 'submission' | 'operations', port: number): Promise<void> {
  await using shell = await CommandLine.open()
  await shell.init('relay.example.com')
  const file = join(shell.folder, 'posthaste.toml')
  const ports = { submission: 0, operations: 0, [listener]: port }
  const text = readFileSync(file, 'utf8')
    .replace('127.0.0.1:2525', `127.0.0.1:${ports.submission}`)
    .replace('127.0.0.1:2526', '127.0.0.1:0')
    .replace('127.0.0.1:8025', `127.0.0.1:${ports.operations}`)
    .replace('127.0.0.1:8026', '127.0.0.1:0')
  writeFileSync(file, text)
  const { code, stderr } = await shell.runAlone('serve')
  assert.equal(code, 75, stderr)
  assert.match(stderr, new RegExp(`^posthaste: .*127\\.0\\.0\\.1:${port}\\b`, 'm'))
  assert.match(stderr, listener === 'submission' ? /listener "submission"/ : /operations\.address/)
  assert.match(stderr, /another p\w+.*; stop it, or .* another port/)
}
