// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keptLog } from '../../test/support/kept-log.ts'
import { instant, ms, seconds } from '../base/brand.ts'
import { ManualClock } from '../base/manual-clock.ts'
import type { Slug, Tenant } from '../records/records.ts'
import type { Store } from '../records/store.ts'
import { DirectoryWatch } from './directory-watch.ts'

/** A store of tenants alone, which a test fills and breaks. */
async function rig() {
  const tenants: Tenant[] = []
  const state = { version: 1, isBroken: false, reads: 0 }
  const empty = { list: () => Promise.resolve([]) }
  const store = {
    tenants: {
      list: () => {
        state.reads++
        return Promise.resolve([...tenants])
      },
    },
    streams: empty,
    domains: empty,
    signingKeys: empty,
    credentials: empty,
    apiKeys: empty,
    suspensions: empty,
    quotas: empty,
    sources: empty,
    brakes: empty,
    campaigns: empty,
    warmUps: { allowances: async () => [] },
    standings: { effects: async () => [] },
    version: () =>
      state.isBroken ? Promise.reject(new Error('no such file')) : Promise.resolve(state.version),
  } as unknown as Store
  const add = (id: string) => {
    tenants.push({ id: id as Slug, name: id, createdAt: instant(0) })
    state.version++
  }
  add('shop')
  const clock = new ManualClock()
  const { log, lines } = keptLog()
  const watch = await DirectoryWatch.open(store, clock, log)
  return { add, clock, state, watch, lines }
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

test('What was written before is known at once', async () => {
  const { watch } = await rig()
  assert.deepEqual([...watch.directory.tenants.keys()], ['shop'])
})

test('A change is seen within a second, told once, and costs nothing where there is none', async () => {
  const { add, clock, state, watch } = await rig()
  let changes = 0
  watch.onChange = () => void changes++
  const stop = new AbortController()
  const following = watch.follow(stop.signal)
  clock.advance(seconds(1))
  await settle()
  assert.equal(state.reads, 1)
  add('young')
  clock.advance(ms(999))
  await settle()
  assert.equal(changes, 0)
  clock.advance(ms(1))
  await settle()
  assert.deepEqual([...watch.directory.tenants.keys()], ['shop', 'young'])
  clock.advance(seconds(1))
  await settle()
  assert.equal(changes, 1)
  stop.abort()
  await following
})

test('While the store cannot be read what is known holds, which is said once, and the watch goes on', async () => {
  const { add, clock, state, watch, lines } = await rig()
  const stop = new AbortController()
  const following = watch.follow(stop.signal)
  state.isBroken = true
  add('young')
  for (let second = 0; second < 5; second++) {
    clock.advance(seconds(1))
    await settle()
  }
  assert.deepEqual([...watch.directory.tenants.keys()], ['shop'])
  state.isBroken = false
  clock.advance(seconds(1))
  await settle()
  assert.equal(watch.directory.tenants.size, 2)
  assert.deepEqual(
    lines.map(({ level, text }) => `${level} ${text}`),
    [
      'error the records cannot be read; the last ones known are used',
      'info the records can be read again',
    ],
  )
  stop.abort()
  await following
})
