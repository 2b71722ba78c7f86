// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'

/** Keeps 220 MiB of what may be 256, then lets go of it; says at each point whether that is much. */
const program = `
import { LiveObjects } from '${new URL('live-objects.ts', import.meta.url)}'
const end = new AbortController()
const objects = new LiveObjects(512 * 1024 * 1024, end.signal)
const look = async () => {
  globalThis.gc()
  await new Promise((resolve) => setTimeout(resolve, 50))
  return objects.areMany
}
const said = [await look()]
let kept = []
while (process.memoryUsage().heapUsed < 220 * 1024 * 1024) kept.push(new Array(1_000).fill(kept.length))
said.push(await look())
// Read, so that it is alive till here.
kept = kept.slice(0, 0)
said.push(await look())
console.log(JSON.stringify(said))
`

test('Live objects are many when little of what V8 may keep is left, and not when they are gone', () => {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--expose-gc', '--input-type=module', '-e', program],
    { encoding: 'utf8' },
  )
  assert.equal(stdout.trim(), '[false,true,false]', stderr)
})
