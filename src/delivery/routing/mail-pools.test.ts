// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant } from '../../base/brand.ts'
import type { EgressPool } from '../../queue/egress-pool.ts'
import { PoolChoice, type PoolSettings } from '../../queue/pool-choice.ts'
import type { Directory } from '../../records/directory.ts'
import { CampaignsInForce } from '../campaigns-in-force.ts'
import { StoppedQueues } from '../stopped-queues.ts'
import { MailPools } from './mail-pools.ts'
import type { SiteRoute } from './routing.ts'

const bare = { members: [], overflow: null, tenants: [] }
const pools = [
  { ...bare, name: 'default', quarantine: 'away' },
  { ...bare, name: 'away', quarantine: null },
]
const settings = { pools, poolRules: [] }

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

/** `routes`: what is known by domain; each is of the provider of the same name. */
function poolsIn(
  settings: () => PoolSettings,
  directory: () => Directory,
  routes: ReadonlyMap<string, SiteRoute> = new Map(),
): MailPools {
  return new MailPools({
    choice: new PoolChoice(settings),
    directory,
    router: { known: (domain) => routes.get(domain) ?? null },
    providerOf: ({ site }) => site,
  })
}

describe('The pool of a queue', () => {
  it('is that of its stream, or the quarantine pool of that', () => {
    let directory = directoryOf({ bulk: 'default', own: 'away' })
    const pools = poolsIn(
      () => settings,
      () => directory,
    )
    const before = pools.signature
    assert.equal(pools.of('bulk:shop@example.net', null), 'default')
    assert.equal(pools.of('own:shop@example.net', null), 'away')
    directory = directoryOf({ bulk: 'default', own: 'away' }, { 'shop default': 'quarantined' })
    assert.equal(pools.of('bulk.spring:shop@example.net', null), 'away')
    assert.equal(pools.of('bulk:bank@example.net', null), 'default')
    assert.notEqual(pools.signature, before)
  })

  it('that is gone makes its mail wait, with the reason, and no other', () => {
    let directory = directoryOf({ bulk: 'gone', own: 'away' })
    const pools = poolsIn(
      () => settings,
      () => directory,
    )
    const stopped = new StoppedQueues(
      { directory: () => directory, pools, announce: () => {} },
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
    const pools = poolsIn(
      () => ({ pools: list, poolRules: [] }),
      () => directory,
    )
    const campaigns = new CampaignsInForce(() => directory.campaigns, { now: () => instant(0) })
    const stopped = new StoppedQueues(
      { directory: () => directory, pools, announce: () => {} },
      campaigns,
    )
    stopped.refresh()
    assert.equal(stopped.has('bulk:shop@example.net'), false)
    list = []
    stopped.refresh()
    assert.equal(stopped.has('bulk:shop@example.net'), true)
  })
})

const noRule = { tenants: [], streams: [], campaigns: [], domains: [], providers: [] }
const google = { kind: 'site', site: 'google' } as unknown as SiteRoute
const other = { kind: 'site', site: 'other' } as unknown as SiteRoute

describe('A rule', () => {
  const poolRules = [
    { ...noRule, pool: 'news', campaigns: ['spring*'] },
    { ...noRule, pool: 'away', providers: ['google'], streams: ['bulk'] },
  ]
  const settings = { pools: [...pools, { ...bare, name: 'news', quarantine: 'away' }], poolRules }

  it('comes before what the stream says, the first one that means the mail', () => {
    const pools = poolsIn(
      () => settings,
      () => directoryOf({ bulk: 'default', own: 'away' }),
    )
    assert.equal(pools.of('own.spring-1:shop@gmail.example', google), 'news')
    assert.equal(pools.of('bulk.spring-1:shop@gmail.example', google), 'news')
    assert.equal(pools.of('bulk.autumn:shop@gmail.example', google), 'away')
    assert.equal(pools.of('bulk.autumn:shop@gmail.example', other), 'default')
    assert.equal(pools.of('own.autumn:shop@example.net', other), 'away')
  })

  it('for a provider counts as soon as the way to the domain is known', () => {
    const pools = poolsIn(
      () => settings,
      () => directoryOf({ bulk: 'default' }),
    )
    assert.equal(pools.of('bulk:shop@gmail.example', null), 'default')
    assert.equal(pools.of('bulk:shop@gmail.example', google), 'away')
  })

  it('goes by how the tenant stands in the pool that it names', () => {
    const directory = directoryOf({ bulk: 'default' }, { 'shop news': 'quarantined' })
    const pools = poolsIn(
      () => settings,
      () => directory,
    )
    assert.equal(pools.of('bulk.spring:shop@example.net', other), 'away')
    assert.equal(pools.of('bulk:shop@example.net', other), 'default')
  })

  it('lets nobody be held for a pool while it is not known whether that is theirs', () => {
    const routes = new Map<string, SiteRoute>()
    const directory = directoryOf({ bulk: 'default' }, { 'shop default': 'held' })
    const pools = poolsIn(
      () => settings,
      () => directory,
      routes,
    )
    assert.equal(pools.holds()?.('bulk:shop@gmail.example'), null)
    routes.set('gmail.example', google)
    routes.set('example.net', other)
    assert.equal(pools.holds()?.('bulk:shop@gmail.example'), null)
    assert.match(pools.holds()?.('bulk:shop@example.net') ?? '', /^held for how/)
    assert.equal(pools.holds()?.('bulk.spring:shop@example.net'), null)
  })

  it('that a reload brings counts at once', () => {
    let now: PoolSettings = { ...settings, poolRules: [] }
    const pools = poolsIn(
      () => now,
      () => directoryOf({ bulk: 'default' }),
    )
    assert.equal(pools.of('bulk.spring:shop@example.net', other), 'default')
    now = settings
    assert.equal(pools.of('bulk.spring:shop@example.net', other), 'news')
    now = { ...settings, poolRules: poolRules.slice(1) }
    assert.equal(pools.of('bulk.spring:shop@example.net', other), 'default')
  })
})
