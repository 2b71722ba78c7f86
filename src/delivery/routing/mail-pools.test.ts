// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant } from '../../base/brand.ts'
import type { EgressPool } from '../../queue/egress-pool.ts'
import { PoolChoice } from '../../queue/pool-choice.ts'
import type { Directory } from '../../records/directory.ts'
import { CampaignsInForce } from '../campaigns-in-force.ts'
import { StoppedQueues } from '../stopped-queues.ts'
import { MailPools } from './mail-pools.ts'

const bare = { members: [], overflow: null, tenants: [] }
const pools = [
  { ...bare, name: 'default', quarantine: 'away' },
  { ...bare, name: 'away', quarantine: null },
]
const choice = new PoolChoice(() => pools)

/** Streams of one tenant by their pools, and how it stands in some of them. */
function directoryOf(
  pools: Readonly<Record<string, string>>,
  standings: Readonly<Record<string, string>> = {},
): Directory {
  const streams = Object.entries(pools).map(([name, pool]) => ({ name, pool }))
  return {
    tenants: new Map([['shop', {}]]),
    streamsOf: () => streams,
    stream: (_tenant: string, name: string) => streams.find((one) => one.name === name) ?? null,
    standings: new Map(Object.entries(standings)),
    suspensions: [{ queue: 'old:shop@example.net' }],
    campaigns: new Map(),
  } as unknown as Directory
}

describe('The pool of a queue', () => {
  it('is that of its stream, or the quarantine pool of that', () => {
    let directory = directoryOf({ bulk: 'default', own: 'away' })
    const pools = new MailPools(choice, () => directory)
    const before = pools.signature
    assert.equal(pools.of('bulk:shop@example.net'), 'default')
    assert.equal(pools.of('own:shop@example.net'), 'away')
    directory = directoryOf({ bulk: 'default', own: 'away' }, { 'shop default': 'quarantined' })
    assert.equal(pools.of('bulk.spring:shop@example.net'), 'away')
    assert.equal(pools.of('bulk:bank@example.net'), 'default')
    assert.notEqual(pools.signature, before)
  })

  it('that is gone makes its mail wait, with the reason, and no other', () => {
    let directory = directoryOf({ bulk: 'gone', own: 'away' })
    const pools = new MailPools(choice, () => directory)
    const stopped = new StoppedQueues(
      { directory: () => directory, pools },
      new CampaignsInForce(() => directory.campaigns, { now: () => instant(0) }),
    )
    assert.equal(stopped.refresh(), null)
    const gone = 'its pool "gone" is not in the configuration'
    assert.equal(stopped.reason('bulk:shop@example.net'), gone)
    assert.equal(stopped.reason('bulk:shop@simulator.invalid'), null)
    assert.equal(stopped.reason('own:shop@example.net'), null)
    assert.equal(stopped.reason('old:shop@example.net'), 'suspended')
    directory = directoryOf({ bulk: 'default' })
    const was = stopped.refresh()
    assert.equal(was?.('bulk:shop@example.net'), true)
    assert.equal(was?.('own:shop@example.net'), false)
    assert.equal(stopped.has('bulk:shop@example.net'), false)
  })

  it('that goes away with a reload makes its mail wait from then on', () => {
    let list: readonly EgressPool[] = [{ ...bare, name: 'news', quarantine: null }]
    const directory = directoryOf({ bulk: 'news' })
    const pools = new MailPools(new PoolChoice(() => list), () => directory)
    const campaigns = new CampaignsInForce(() => directory.campaigns, { now: () => instant(0) })
    const stopped = new StoppedQueues({ directory: () => directory, pools }, campaigns)
    stopped.refresh()
    assert.equal(stopped.has('bulk:shop@example.net'), false)
    list = []
    stopped.refresh()
    assert.equal(stopped.has('bulk:shop@example.net'), true)
  })
})
