// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { instant } from '../base/brand.ts'
import type { Directory } from '../records/directory.ts'
import { CampaignsInForce } from './campaigns-in-force.ts'
import { StoppedQueues } from './stopped-queues.ts'

test('A stored suspension that breaks the bounds is skipped with one event, and the others hold', () => {
  const bad = `${'*a'.repeat(200)}:shop@*`
  const directory = {
    suspensions: [{ queue: bad }, { queue: 'bulk:shop@*' }],
    campaigns: new Map(),
  } as unknown as Directory
  const announced: string[] = []
  const pools = { holds: () => () => null, of: () => 'default', signature: '' }
  const stopped = new StoppedQueues(
    {
      directory: () => directory,
      pools: pools as unknown as ConstructorParameters<typeof StoppedQueues>[0]['pools'],
      announce: (type, text) => void announced.push(`${type} ${text}`),
    },
    new CampaignsInForce(() => directory.campaigns, { now: () => instant(0) }),
  )
  stopped.refresh()
  stopped.refresh()
  assert.equal(stopped.reason('bulk:shop@example.net'), 'suspended')
  assert.equal(stopped.reason(`${'a'.repeat(5_000)}:shop@example.net`), null)
  assert.equal(announced.length, 1)
  assert.match(
    announced[0] ?? '',
    /^queue\.suspension-skipped a suspension has no effect: the pattern ".*…" has 201 wildcards/,
  )
})
