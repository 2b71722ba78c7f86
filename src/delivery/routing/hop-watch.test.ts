// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { minutes, seconds } from '../../base/brand.ts'
import { Lifecycle } from '../../base/lifecycle.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import type { EgressSource, EgressSourceName } from '../../queue/egress.ts'
import { HopWatch } from './hop-watch.ts'

const source: EgressSource = {
  name: 'out' as EgressSourceName,
  localAddress: null,
  families: [4],
  ehloName: 'relay.example',
  hop: { kind: 'socks5', host: '10.0.0.9', port: 1_080, login: null },
}

function rig() {
  const clock = new ManualClock()
  const said: string[] = []
  const lifecycle = new Lifecycle((_, thrown) => {
    throw thrown
  })
  const state = { answer: 'ECONNREFUSED' as string | null, probes: 0, source, changes: 0 }
  const watch = new HopWatch({
    clock,
    lifecycle,
    announce: (type, text) => void said.push(`${type} ${text}`),
    probe: async () => {
      state.probes++
      return state.answer
    },
    sourceOf: () => state.source,
  })
  watch.onChange = () => void state.changes++
  const turn = async (by: Parameters<ManualClock['advance']>[0]) => {
    clock.advance(by)
    for (let at = 0; at < 5; at++) await new Promise((resolve) => setImmediate(resolve))
  }
  return { said, state, turn, watch }
}

describe('The watch of proxies', () => {
  it('stops a source once, however many of its calls failed, and says why', () => {
    const { said, state, watch } = rig()
    watch.failed(source, 'ECONNREFUSED')
    watch.failed(source, 'ECONNREFUSED')
    assert.equal(watch.cut.get('out'), 'its proxy 10.0.0.9:1080 does not take us: ECONNREFUSED')
    assert.equal(state.changes, 1)
    assert.deepEqual(said, [
      'source.cut out: its proxy 10.0.0.9:1080 does not take us: ECONNREFUSED',
    ])
  })

  it('probes after longer and longer waits, and lets the source go on with the first that is taken', async () => {
    const { said, state, turn, watch } = rig()
    watch.failed(source, 'ECONNREFUSED')
    await turn(seconds(5))
    await turn(seconds(15))
    assert.equal(state.probes, 2)
    await turn(seconds(29))
    assert.equal(state.probes, 2)
    state.answer = null
    await turn(seconds(1))
    assert.equal(watch.cut.size, 0)
    assert.equal(state.changes, 2)
    assert.equal(said.at(-1), 'source.through out: its proxy takes us again')
  })

  it('waits on where it was for one that takes probes and no mail', async () => {
    const { state, turn, watch } = rig()
    state.answer = null
    watch.failed(source, 'it does not know CONNECT')
    await turn(seconds(5))
    assert.equal(watch.cut.size, 0)
    watch.failed(source, 'it does not know CONNECT')
    await turn(seconds(5))
    assert.equal(watch.cut.size, 1)
    await turn(seconds(10))
    assert.equal(watch.cut.size, 0)
    await turn(minutes(11))
    watch.failed(source, 'it does not know CONNECT')
    await turn(seconds(5))
    assert.equal(watch.cut.size, 0, 'it was well for a while')
  })

  it('tries a source with mail that has another proxy now', async () => {
    const { state, turn, watch } = rig()
    watch.failed(source, 'ECONNREFUSED')
    state.source = { ...source, hop: null }
    await turn(seconds(5))
    assert.deepEqual([watch.cut.size, state.probes], [0, 0])
  })
})
