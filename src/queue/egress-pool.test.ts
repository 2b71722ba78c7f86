// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { EgressSource, EgressSourceName } from './egress.ts'
import { type EgressPool, EgressPools } from './egress-pool.ts'

const sources = ['a', 'b', 'c', 'd'].map(
  (name): EgressSource => ({
    name: name as EgressSourceName,
    localAddress: null,
    families: [4],
    ehloName: `${name}.example`,
    hop: null,
  }),
)

function pool(name: string, members: string, more: Partial<EgressPool> = {}): EgressPool {
  const list = [...members].map((source) => ({ source, weight: 1 }))
  return { name, members: list, overflow: null, quarantine: null, tenants: [], ...more }
}

function namesIn(pools: EgressPools, name: string): string {
  return pools
    .sourcesOf(name)
    .map(({ isOverflow, item }) => (isOverflow ? item.name.toUpperCase() : item.name))
    .join('')
}

describe('Pools', () => {
  it('leave to the default one what none of them has', () => {
    const pools = new EgressPools(sources, [pool('bulk', 'ab')])
    assert.equal(namesIn(pools, 'default'), 'cd')
    assert.equal(namesIn(pools, 'bulk'), 'ab')
    assert.equal(namesIn(new EgressPools(sources, []), 'default'), 'abcd')
    assert.equal(namesIn(new EgressPools(sources, [pool('all', 'abcd')]), 'default'), 'abcd')
  })

  it('may define the default one themselves', () => {
    const pools = new EgressPools(sources, [pool('default', 'a'), pool('bulk', 'b')])
    assert.equal(namesIn(pools, 'default'), 'a')
  })

  it('have the sources of their overflow pool behind their own, each once', () => {
    const pools = new EgressPools(sources, [
      pool('bulk', 'ab', { overflow: 'shared' }),
      pool('shared', 'bc'),
    ])
    assert.equal(namesIn(pools, 'bulk'), 'abC')
    assert.equal(namesIn(pools, 'shared'), 'bc')
  })

  it('that are not there are the default one', () => {
    const pools = new EgressPools(sources, [pool('bulk', 'ab')])
    assert.equal(namesIn(pools, 'old'), 'cd')
  })
})
