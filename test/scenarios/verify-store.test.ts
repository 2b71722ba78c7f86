// SPDX-License-Identifier: Apache-2.0
/** `posthaste verify` beside a running relay, after it was killed, and on the file of records. */
import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { DataDirectory } from '../support/data-directory.ts'
import { send } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'

let relay: RunningRelay

before(async () => {
  relay = await RunningRelay.start({
    domains: ['shop.example'],
    commands: [],
  })
  await relay.json('queue', 'suspend', '*@held.test', '--reason', 'a test')
})

after(() => relay[Symbol.asyncDispose]())

test('a directory in use is left alone, and its owner is named', async () => {
  const { code, stderr, stdout } = await relay.cli('verify')
  assert.equal(code, 75)
  assert.equal(stdout, '')
  assert.match(stderr, new RegExp(`journal-00001 is in use by process ${relay.pid} since 20`))
})

test('what a killed relay leaves is sound, and what the next start puts in order is said', async () => {
  for (let at = 0; at < 5; at++) await send(relay, { to: [`${at}@held.test`] })
  await relay.kill()
  const data = new DataDirectory(relay)
  writeFileSync(join(data.journal, 'content', '7.draft'), 'half of')
  const before = data.fingerprint()
  const { code, verified, stdout } = await data.verify()
  assert.equal(code, 0, stdout)
  assert.equal(verified.journals[0]?.waiting, 5)
  assert.match(verified.journals[0]?.leftovers.join() ?? '', /1 drafts? in content/)
  assert.equal(data.fingerprint(), before)
})

test('a key that another key file sealed, and records that are garbage or gone, are named', async () => {
  const data = new DataDirectory(relay)
  const file = join(data.folder, 'store.sqlite')
  const keyFile = join(relay.folder, 'other.key')
  writeFileSync(keyFile, `1 ${'ab'.repeat(32)}\n`, { mode: 0o600 })
  data.changeConfig(/^key_file = .*$/m, `key_file = "${keyFile}"`)
  const other = await data.verify()
  assert.equal(other.code, 65)
  assert.match(
    other.problems.join('\n'),
    /store store\.sqlite: key ph\d+a of shop\.example does not open/,
  )
  writeFileSync(file, 'x'.repeat(5_000))
  for (const suffix of ['-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true })
  assert.match((await data.verify()).problems.join('\n'), /store\.sqlite: file is not a database/)
  rmSync(file)
  assert.match((await data.verify()).problems.join('\n'), /store\.sqlite: is missing/)
})
