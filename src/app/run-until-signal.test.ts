// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'

/** A supervised process whose supervisor goes while it loads. */
const orphan = `
import { once } from 'node:events'
import { silentLog } from '${new URL('../base/log.ts', import.meta.url)}'
import { runUntilSignal } from '${new URL('run-until-signal.ts', import.meta.url)}'
import { reportReady } from '${new URL('supervisor/process-report.ts', import.meta.url)}'
const gone = once(process, 'disconnect')
process.send('loading')
await gone
await runUntilSignal(async () => {
  reportReady(25)
  return { reload: () => [], stop: async () => console.log('stopped') }
}, silentLog)
`

test('A process whose supervisor is gone before it runs ends in order', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', orphan], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const { stdout, stderr } = child
  assert.ok(stdout && stderr)
  child.once('message', () => child.disconnect())
  const [[code], output, errors] = await Promise.all([
    once(child, 'exit'),
    text(stdout),
    text(stderr),
  ])
  assert.deepEqual({ code, output, errors }, { code: 0, output: 'stopped\n', errors: '' })
})

/** The program sets its exit code when a command has returned. */
const broken = `
import { silentLog } from '${new URL('../base/log.ts', import.meta.url)}'
import { runUntilSignal } from '${new URL('run-until-signal.ts', import.meta.url)}'
await runUntilSignal(async (onFatal) => {
  onFatal()
  return { reload: () => [], stop: async () => {} }
}, silentLog)
process.exitCode = 0
`

test('A process that cannot go on ends with 70, so that whoever watches it starts it anew', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', broken])
  assert.deepEqual(await once(child, 'exit'), [70, null])
})
