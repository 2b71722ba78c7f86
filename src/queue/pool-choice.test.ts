// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { EgressPool } from './egress-pool.ts'
import { PoolChoice } from './pool-choice.ts'

const bare = { members: [], overflow: null, quarantine: null, tenants: [] }
const pools: readonly EgressPool[] = [
  { ...bare, name: 'shops', tenants: ['shop'], quarantine: 'away' },
  { ...bare, name: 'away' },
]

describe('The choice of a pool', () => {
  it('is that of the stream, or of the tenant where the stream names none', () => {
    const choice = new PoolChoice(() => ({ pools, poolRules: [] }))
    assert.equal(choice.homeOf('shop', 'default'), 'shops')
    assert.equal(choice.homeOf('shop', 'bulk'), 'bulk')
    assert.equal(choice.homeOf('bank', 'default'), 'default')
  })

  it('knows where tenants go that are bad for their neighbours', () => {
    const choice = new PoolChoice(() => ({ pools, poolRules: [] }))
    assert.equal(choice.quarantineOf('shops'), 'away')
    assert.equal(choice.quarantineOf('away'), null)
    assert.equal(choice.quarantineOf('default'), null)
  })
})
