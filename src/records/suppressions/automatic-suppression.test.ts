// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Keyring } from '../../base/keyring.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { SeededRandom } from '../../base/random.ts'
import type { Directory } from '../directory.ts'
import type { Stream } from '../records.ts'
import type { RecordsContext } from '../records-context.ts'
import { type Happening, SuppressionService } from './automatic-suppression.ts'
import type { NewSuppression } from './suppression.ts'

type Policy = Pick<Stream, 'name' | 'kind' | 'suppressesOn' | 'suppressionScope'>

const hash = Buffer.from('0011223344556677', 'hex')
const stream = (name: string, change: Partial<Policy> = {}): Policy => ({
  name: name as Policy['name'],
  kind: 'bulk',
  suppressesOn: ['bounce', 'complaint'],
  suppressionScope: 'stream',
  ...change,
})

/** Scopes of the entries that a happening makes, where a tenant has these streams. */
async function scopesOf(
  streams: readonly Policy[],
  happening: Partial<Happening>,
): Promise<readonly string[]> {
  const added: NewSuppression[] = []
  const random = new SeededRandom(1)
  const context = {
    keyring: new Keyring(new Map([[1, Buffer.alloc(32, 1)]]), random),
    clock: new ManualClock(),
    store: { suppressions: { add: async (all: typeof added) => void added.push(...all) } },
  } as unknown as RecordsContext
  const directory = {
    tenants: new Map([['shop', {}]]),
    stream: (_: string, name: string) => streams.find((one) => one.name === name) ?? null,
    streamsOf: () => streams,
  } as unknown as Directory
  await new SuppressionService(context, () => directory).suppress({
    tenant: 'shop',
    stream: null,
    reason: 'complaint',
    recipient: hash,
    sourceEvent: '1.7',
    list: null,
    ...happening,
  })
  assert.ok(added.every(({ addressHash, address }) => addressHash === hash && address === null))
  return added.map(({ scope }) => (scope.kind === 'tenant' ? 'tenant' : scope.name))
}

describe('Who complains about a message that is long gone', () => {
  it('gets no more of any bulk stream that wants it so, and still its receipts', async () => {
    const streams = [
      stream('news'),
      stream('offers'),
      stream('quiet', { suppressesOn: [] }),
      stream('receipts', { kind: 'transactional' }),
    ]
    assert.deepEqual(await scopesOf(streams, {}), ['news', 'offers'])
    const reason = 'unsubscribe'
    assert.deepEqual(await scopesOf(streams, { reason }), ['news', 'offers', 'quiet'])
  })

  it('gets no more at all where one of these streams has it so', async () => {
    const streams = [stream('news'), stream('offers', { suppressionScope: 'tenant' })]
    assert.deepEqual(await scopesOf(streams, {}), ['tenant'])
  })

  it('makes no entry at a tenant without bulk streams, or at one that is gone', async () => {
    assert.deepEqual(await scopesOf([stream('receipts', { kind: 'transactional' })], {}), [])
    assert.deepEqual(await scopesOf([stream('news')], { tenant: 'gone' }), [])
  })
})

describe('Who complains about mail of a stream', () => {
  it('gets no more of that one, as its policy has it', async () => {
    const streams = [stream('news'), stream('quiet', { suppressesOn: [] })]
    assert.deepEqual(await scopesOf(streams, { stream: 'news' }), ['news'])
    assert.deepEqual(await scopesOf(streams, { stream: 'quiet' }), [])
    assert.deepEqual(await scopesOf(streams, { stream: 'removed' }), ['removed', 'news'])
  })

  it('gets no more of any other bulk stream either, whoever it was; who unsubscribes only of that one', async () => {
    const receipts = stream('receipts', { kind: 'transactional' })
    const streams = [stream('news'), stream('offers'), receipts]
    assert.deepEqual(await scopesOf(streams, { stream: 'news' }), ['news', 'offers'])
    assert.deepEqual(await scopesOf(streams, { stream: 'receipts' }), [
      'receipts',
      'news',
      'offers',
    ])
    const reason = 'unsubscribe'
    assert.deepEqual(await scopesOf(streams, { stream: 'news', reason }), ['news'])
  })
})
