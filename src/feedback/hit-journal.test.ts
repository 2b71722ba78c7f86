// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { clock, MemoryEvents, newId } from '../../test/support/feedback-samples.ts'
import { ms } from '../base/brand.ts'
import { trackingLimits } from '../base/limits/tracking-limits.ts'
import { createLog } from '../base/log.ts'
import { timestampOf } from '../events/event.ts'
import type { Hit } from './hit.ts'
import { HitJournal } from './hit-journal.ts'
import { HitQueue } from './hit-queue.ts'
import { SharedHits } from './shared-hits.ts'

function hit(change: Partial<Hit> & Pick<Hit, 'messageId'>): Hit {
  return {
    ...{ recipientIndex: 0, link: null, at: timestampOf(clock.now()) },
    ...{ agent: 'desktop', machine: null, peer: '192.0.2.1' },
    ...change,
  }
}

function make() {
  const events = new MemoryEvents()
  return { events, journal: new HitJournal({ events, clock, node: 'relay' }) }
}

describe('Hits', () => {
  it('become events of their message, with what was seen of the visitor', async () => {
    const { events, journal } = make()
    const messageId = events.add('jane@example.net')
    await journal.hits([hit({ messageId }), hit({ messageId, link: 'https://a.example/' })])
    const [opened, clicked] = events.kept
    assert.ok(opened?.type === 'message.opened' && clicked?.type === 'message.clicked')
    assert.deepEqual(
      [opened.recipient, opened.agent, opened.machine],
      ['jane@example.net', 'desktop', null],
    )
    assert.equal(clicked.link, 'https://a.example/')
  })

  it('are told once within a short time, and a machine hides nobody who comes after it', async () => {
    const { events, journal } = make()
    const messageId = events.add('jane@example.net')
    await journal.hits([hit({ messageId }), hit({ messageId })])
    await journal.hits([hit({ messageId, machine: 'scanner' }), hit({ messageId })])
    assert.equal(events.kept.length, 2)
    clock.advance(ms(trackingLimits.sameHitMs + 1))
    await journal.hits([hit({ messageId })])
    assert.equal(events.kept.length, 3)
  })

  it('of a message that is gone, or of nobody in it, are nothing', async () => {
    const { events, journal } = make()
    const messageId = events.add('jane@example.net')
    await journal.hits([hit({ messageId: newId() }), hit({ messageId, recipientIndex: 1 })])
    assert.equal(events.kept.length, 0)
  })

  it('go to the worker that has their message, also while another one is away', async () => {
    const [here, gone] = [newId(), newId()]
    const taken: Hit[] = []
    const own = { hits: async (hits: readonly Hit[]) => void taken.push(...hits) }
    const away = { hits: () => Promise.reject(new Error('it is being replaced')) }
    const shared = new SharedHits((id) => (id === gone ? away : own))
    await assert.rejects(shared.hits([hit({ messageId: gone }), hit({ messageId: here })]))
    assert.deepEqual(
      taken.map(({ messageId }) => messageId),
      [here],
    )
  })
})

describe('The queue of hits', () => {
  const log = createLog('error', { write: () => {} })

  it('writes together what came meanwhile, in order, and goes on after a failure', async () => {
    const batches: number[][] = []
    let fails = true
    const recorder = {
      hits: async (hits: readonly Hit[]) => {
        batches.push(hits.map(({ recipientIndex }) => recipientIndex))
        if (!fails) return
        fails = false
        throw new Error('the disk is full')
      },
    }
    const queue = new HitQueue(recorder, log)
    const messageId = newId()
    for (let at = 0; at < 4; at++) queue.add(hit({ messageId, recipientIndex: at }))
    await queue.settled()
    queue.add(hit({ messageId, recipientIndex: 4 }))
    await queue.settled()
    assert.deepEqual(batches, [[0], [1, 2, 3], [4]])
    assert.equal(queue.lost, 1)
  })

  it('holds so many and no more', async () => {
    const gate = Promise.withResolvers<void>()
    const queue = new HitQueue({ hits: () => gate.promise }, log)
    const one = hit({ messageId: newId() })
    for (let at = 0; at < trackingLimits.waitingHits + 10; at++) queue.add(one)
    assert.equal(queue.lost, 9)
    gate.resolve()
    await queue.settled()
  })
})
