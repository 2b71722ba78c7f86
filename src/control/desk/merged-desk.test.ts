// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RelayError } from '../../base/errors.ts'
import type { HeldFilter, HeldMessage } from '../queues/held-mail.ts'
import { noRetries } from '../recovery/retry-counts.ts'
import type { MailDesk } from './mail-desk.ts'
import { MergedDesk } from './merged-desk.ts'

const anything: HeldFilter = {
  ...{ message: null, tenant: null, stream: null, campaign: null, by: null, credential: null },
}

/** Of a worker that holds these. */
function deskWith(...ids: readonly string[]): MailDesk {
  return {
    held: async (_filter: HeldFilter, limit: number, after: string | null) =>
      ids
        .filter((id) => after === null || id > after)
        .slice(0, limit)
        .map((messageId) => ({ messageId }) as HeldMessage),
    decide: async () => ids.length,
  } as unknown as MailDesk
}

const away = {
  held: async () => {
    throw new RelayError('RLY_RELAY_NOT_RUNNING', 'it is being replaced')
  },
  decide: async () => {
    throw new RelayError('RLY_RELAY_NOT_RUNNING', 'it is being replaced')
  },
  retryFailed: async () => {
    throw new RelayError('RLY_RELAY_NOT_RUNNING', 'it is being replaced')
  },
} as unknown as MailDesk

const own = () => assert.fail('nobody asks for a status')

test('Held mail of all workers is one list by id, page by page', async () => {
  const desk = new MergedDesk([deskWith('A1', 'A4', 'A5'), deskWith('A2', 'A3')], own)
  const idsAfter = async (after: string | null) =>
    (await desk.held(anything, 3, after)).map(({ messageId }) => messageId)
  assert.deepEqual(await idsAfter(null), ['A1', 'A2', 'A3'])
  assert.deepEqual(await idsAfter('A3'), ['A4', 'A5'])
})

test('A decision is that of all workers; one that is away is left out as long as another answers', async () => {
  const desk = new MergedDesk([deskWith('A1'), away, deskWith('A2', 'A3')], own)
  assert.equal(await desk.decide(anything, 'release', 'root'), 3)
  assert.equal((await desk.held(anything, 10, null)).length, 3)
  const none = new MergedDesk([away], own)
  await assert.rejects(none.decide(anything, 'cancel', 'root'), { code: 'RLY_RELAY_NOT_RUNNING' })
})

test('Failed mail is sent again by all workers, each what is its own', async () => {
  const retrying = (sent: number, ...reasons: readonly string[]) =>
    ({ retryFailed: async () => ({ ...noRetries, sent, reasons }) }) as unknown as MailDesk
  const desk = new MergedDesk([retrying(2, 'full'), away, retrying(3, 'full', 'late')], own)
  const counts = await desk.retryFailed([], { isTrial: false, by: 'root' })
  assert.deepEqual(counts, { ...noRetries, sent: 5, reasons: ['full', 'late'] })
})

test('What waits of a credential is said of all workers that run, or not at all where one refuses', async () => {
  const counting = (waiting: number) => ({ cancelOf: async () => waiting }) as unknown as MailDesk
  const failing = (code: 'RLY_BUSY' | 'RLY_RELAY_NOT_RUNNING') =>
    ({
      cancelOf: async () => {
        throw new RelayError(code, 'not now')
      },
    }) as unknown as MailDesk
  const whose = { credential: 'A1', tenant: null }
  const some = new MergedDesk([counting(2), failing('RLY_RELAY_NOT_RUNNING'), counting(3)], own)
  assert.equal(await some.cancelOf(whose, 'root'), 5)
  const busy = new MergedDesk([counting(2), failing('RLY_BUSY')], own)
  await assert.rejects(busy.cancelOf(whose, 'root'), { code: 'RLY_BUSY' })
  const none = new MergedDesk([failing('RLY_RELAY_NOT_RUNNING')], own)
  await assert.rejects(none.cancelOf(whose, 'root'), { code: 'RLY_RELAY_NOT_RUNNING' })
})
