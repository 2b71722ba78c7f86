// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { SpareProcess } from './spare-process.ts'

const report = new URL('process-report.ts', import.meta.url)
/** Loads, says so, and stays. */
const LOADS = `
import { reportLoaded } from '${report}'
process.on('message', () => {})
reportLoaded()
`

/** Spares that run `script`, and all that were spawned. */
function spares(script: string) {
  const spawned: ChildProcess[] = []
  const spare = new SpareProcess(() => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    spawned.push(child)
    return child
  })
  return { spare, spawned }
}

test('A spare is taken once, when it has loaded, and then another can be prepared', async () => {
  const { spare, spawned } = spares(LOADS)
  spare.prepare()
  assert.equal(spare.take(), null)
  assert.equal(spare.state, 'loading')
  const [first] = spawned
  assert.ok(first)
  await once(first, 'message')
  spare.prepare()
  assert.equal(spawned.length, 1, 'there is one already')
  assert.equal(spare.take(), first)
  assert.equal(spare.take(), null)
  spare.prepare()
  spare.discard()
  first.kill()
  await Promise.all(spawned.map((child) => once(child, 'exit')))
  assert.equal(spawned.length, 2)
  assert.equal(spare.state, 'none')
})

test('A spare that ends by itself is no spare, and the end of one that was taken is none of its business', async () => {
  const { spare, spawned } = spares('process.exit(1)')
  spare.prepare()
  await once(spawned[0] as ChildProcess, 'exit')
  assert.equal(spare.state, 'none')

  const { spare: other, spawned: children } = spares(LOADS)
  other.prepare()
  await once(children[0] as ChildProcess, 'message')
  const taken = other.take()
  other.prepare()
  taken?.kill()
  await once(taken as ChildProcess, 'exit')
  assert.equal(other.state, 'loading')
  other.discard()
})
