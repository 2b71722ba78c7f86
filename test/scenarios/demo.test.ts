// SPDX-License-Identifier: Apache-2.0
/** The demo keeps its promises: nothing is lost, every signature verifies, and its numbers add up. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { DemoSummary } from '../../demo/demo-summary.ts'

const main = fileURLToPath(new URL('../../demo/main.ts', import.meta.url))

test('the demo delivers everything that can be delivered, signed, and its numbers add up', async () => {
  const args = [main, '--exit', '--json', '--messages', '200']
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args)
  const summary: DemoSummary = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')
  const { providers, seconds: _, ...counts } = summary
  const { accepted, delivered, bounced, expired, suppressed, waiting, lost, signed } = counts
  assert.equal(accepted, 200, stderr)
  assert.equal(delivered + bounced + expired + suppressed + waiting + lost, accepted)
  assert.deepEqual([lost, waiting, expired, signed], [0, 0, 0, delivered], stderr)
  assert.ok(bounced > 0, 'some addresses are bad')
  for (const name of Object.keys(counts) as (keyof typeof counts)[])
    assert.equal(
      providers.reduce((sum, provider) => sum + provider[name], 0),
      counts[name],
      name,
    )
  const lynx = providers.find(({ name }) => name === 'Lynx Post')
  assert.equal(lynx?.deferred, lynx?.accepted, 'who greylists puts everybody off once')
  assert.ok((lynx?.medianSeconds ?? 0) >= 2)
  assert.match(stderr, /\nHeron Mail .*generous, TLS/, 'the table is for people, beside the JSON')
})
