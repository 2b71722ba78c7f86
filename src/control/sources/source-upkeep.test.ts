// SPDX-License-Identifier: Apache-2.0
/** Rests that end, drains that end, addresses that change: on a clock that a test turns, with records in memory. */
import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { hours, minutes } from '../../base/brand.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { defaultPolicy } from '../../queue/warm-up/thresholds.ts'
import type { RecordsContext } from '../../records/records-context.ts'
import type { SourceRecord } from '../../records/source.ts'
import type { Store } from '../../records/store.ts'
import { type WarmUpRecord, warmUpKey } from '../../records/warm-up.ts'
import { WarmUpService } from '../warm-ups/warm-up-service.ts'
import type { SourceLoads } from './source-loads.ts'
import { type ConfiguredSource, SourceService } from './source-service.ts'
import { SourceUpkeep, type SourceUpkeepParts } from './source-upkeep.ts'

const schedule = { name: 'posthaste', origin: 'here', allowances: [200, 500, 1_000] }

function configured(name: string, address: string | null): ConfiguredSource {
  return {
    name,
    address,
    localAddress: address,
    ehlo: `${name}.example`,
    proxy: null,
    pools: [{ pool: 'default', weight: 1 }],
  }
}

describe('The upkeep of sources', () => {
  let clock: ManualClock
  let known: Map<string, SourceRecord>
  let warmUps: Map<string, WarmUpRecord>
  let configuration: readonly ConfiguredSource[]
  let loads: SourceLoads
  let said: string[]
  /** Over all queues. */
  let walks: number
  let service: SourceService
  let warming: WarmUpService
  let upkeep: SourceUpkeep

  const stateOf = (name: string) => known.get(name)?.state.kind

  beforeEach(() => {
    clock = new ManualClock()
    known = new Map()
    warmUps = new Map()
    configuration = [configured('out-1', '192.0.2.1'), configured('out-2', null)]
    loads = { isWhole: true, connections: { 'out-1': 2 }, cut: {} }
    said = []
    const store = {
      sources: {
        list: async () => [...known.values()],
        put: async (record: SourceRecord) => void known.set(record.name, record),
      },
      sourceCheckups: { list: async () => [] },
      warmUps: {
        list: async () => [...warmUps.values()],
        allowances: async () => [...warmUps.values()],
        put: async (record: WarmUpRecord) =>
          void warmUps.set(warmUpKey(record.source, record.provider), record),
      },
      transaction: (work: (inner: Store) => Promise<unknown>) => work(store as unknown as Store),
    }
    const records = { store, clock } as unknown as RecordsContext
    warming = new WarmUpService({
      records,
      rules: () => ({ schedules: new Map([['posthaste', schedule]]), policy: defaultPolicy }),
      sources: () => ['out-1'],
      providers: () => ['outlook'],
      providerOf: () => 'outlook',
      announce: async () => {},
    })
    walks = 0
    const desk = {
      sources: async () => loads,
      pools: async () => {
        walks++
        return { default: 7 }
      },
    }
    service = new SourceService({
      records,
      configured: () => configuration,
      desk,
      announce: async (what, text) => void said.push(`${what} ${text}`),
    })
    const parts: SourceUpkeepParts = {
      ...service.context,
      warmUps: warming.context,
      directory: () =>
        ({ sources: known }) as unknown as ReturnType<SourceUpkeepParts['directory']>,
      refresh: async () => {},
      desk,
    }
    upkeep = new SourceUpkeep(parts)
  })

  it('lets a source send again when its time is over, and not before', async () => {
    await service.rest('out-1', 'listed', 'anna', hours(6))
    clock.advance(minutes(359))
    await upkeep.look()
    assert.equal(stateOf('out-1'), 'resting')
    clock.advance(minutes(1))
    await upkeep.look()
    assert.equal(stateOf('out-1'), 'active')
    assert.deepEqual(said, [
      'sourceResting out-1: rests for 6 h, by anna: listed',
      'sourceResumed out-1: sends again, as was said',
    ])
  })

  it('leaves a rest without an end to whoever ends it', async () => {
    await service.rest('out-1', 'listed', 'anna', null)
    clock.advance(hours(1_000))
    await upkeep.look()
    assert.equal(stateOf('out-1'), 'resting')
    await service.resume('out-1', 'anna')
    assert.equal(stateOf('out-1'), 'active')
  })

  it('calls a source drained once every process says that no connection of it is open', async () => {
    await service.drain('out-1', 'replaced', 'anna')
    await upkeep.look()
    assert.equal(stateOf('out-1'), 'draining')
    loads = { ...loads, connections: {}, isWhole: false }
    await upkeep.look()
    assert.equal(stateOf('out-1'), 'draining', 'a worker that is away may have one')
    loads = { ...loads, isWhole: true }
    await upkeep.look()
    assert.equal(stateOf('out-1'), 'drained')
    assert.equal(walks, 0, 'looked at each second, so that no queue is')
    assert.match(said.at(-1) ?? '', /^sourceDrained out-1: no connection of it is open any more$/)
  })

  it('begins warm-ups of a source anew whose address is another, and tells so', async () => {
    await upkeep.look()
    await warming.start('out-1', 'outlook', 'posthaste', 600)
    assert.equal([...warmUps.values()][0]?.allowance, 500)
    configuration = [configured('out-1', '192.0.2.9')]
    await upkeep.look()
    await upkeep.look()
    assert.equal([...warmUps.values()][0]?.allowance, 200)
    assert.equal(known.get('out-1')?.address, '192.0.2.9')
    assert.deepEqual(said, [
      'sourceReaddressed out-1: its address is 192.0.2.9 now, and was 192.0.2.1; no provider knows it yet. Its warm-ups begin anew: outlook',
    ])
  })

  it('leaves warm-ups alone where the address is the same, or was not known', async () => {
    configuration = [configured('out-1', null)]
    await upkeep.look()
    await warming.start('out-1', 'outlook', 'posthaste', 600)
    configuration = [configured('out-1', '192.0.2.1')]
    await upkeep.look()
    assert.equal([...warmUps.values()][0]?.allowance, 500)
    assert.deepEqual(said, [])
  })

  it('refuses what is no source, and a rest without length or end of the world', async () => {
    await assert.rejects(service.drain('out-3', 'x', 'anna'), {
      code: 'RLY_RECORD_UNKNOWN',
      message: /no source "out-3"; did you mean "out-1"\?/,
    })
    const forever = hours(24 * 400)
    await assert.rejects(service.rest('out-1', 'x', 'anna', forever), /cannot rest for 400 d/)
  })

  it('shows what each has open, and what waits for its pools', async () => {
    const [first, second] = await service.list()
    assert.deepEqual([first?.connections, first?.waiting], [2, 7])
    assert.deepEqual([second?.connections, second?.state.kind], [0, 'active'])
  })
})
