// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant, minutes, plus } from '../../base/brand.ts'
import { SeededRandom } from '../../base/random.ts'
import type { SiteName } from '../../protocol/mx.ts'
import type { EgressSourceName } from '../../queue/egress.ts'
import type { PooledSource } from '../../queue/egress-pool.ts'
import { type SourceState, stopOf } from '../../records/source.ts'
import { SitePaths, type StopOf } from './site-paths.ts'

const NOW = instant(1_700_000_000_000)
const draining: SourceState = { kind: 'draining', reason: 'replaced', by: 'anna' }
const active: SourceState = { kind: 'active' }

function source(name: string, isOverflow = false): PooledSource {
  const item = { name: name as EgressSourceName, localAddress: null, families: [4 as const] }
  return { item: { ...item, ehloName: 'relay', hop: null }, weight: 1, isOverflow }
}

function pathsOf(...sources: readonly PooledSource[]): SitePaths {
  const site = 'mx.example.net' as SiteName
  return new SitePaths('default', site, sources, [minutes(1)], new SeededRandom(1))
}

function records(states: Readonly<Record<string, SourceState>>): StopOf {
  return (name) => (states[name] === undefined ? null : stopOf(states[name]))
}

function chosen(paths: SitePaths): string | null {
  return paths.choose(NOW, [], () => true)?.source.name ?? null
}

describe('Paths of sources that were stopped', () => {
  it('leave mail to the others of the pool, then to the overflow pool', () => {
    const paths = pathsOf(source('a'), source('b'), source('spare', true))
    paths.heed(records({ a: draining }))
    assert.deepEqual([chosen(paths), chosen(paths)], ['b', 'b'])
    paths.heed(records({ a: draining, b: draining }))
    assert.equal(chosen(paths), 'spare')
    assert.equal(paths.restUntil(NOW), null)
  })

  it('keep mail where there is no other, and say so until one sends again', () => {
    const paths = pathsOf(source('a'))
    assert.equal(paths.heed(records({ a: draining })), false)
    assert.equal(chosen(paths), null)
    assert.ok((paths.restUntil(NOW) ?? NOW) > plus(NOW, minutes(10)))
    assert.equal(paths.isForgettable(NOW), false)
    const [path] = paths
    assert.equal(
      path?.state.kind === 'suspended' && path.state.reason,
      'the source is draining: replaced',
    )
    assert.equal(paths.heed(records({ a: active })), true)
    assert.equal(paths.restUntil(NOW), null)
    assert.equal(chosen(paths), 'a')
  })

  it('are not tried because a person wants the site tried', () => {
    const paths = pathsOf(source('a'))
    paths.heed(records({ a: draining }))
    for (const path of paths) path.tryNow()
    assert.equal(chosen(paths), null)
  })

  it('are known by what they are made of', () => {
    const paths = pathsOf(source('a'))
    assert.equal(paths.isOf([source('a')]), true)
    assert.equal(paths.isOf([source('b')]), false)
  })
})
