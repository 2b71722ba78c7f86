// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { minutes } from '../../base/brand.ts'
import { silentLog } from '../../base/log.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import type { FirstAnswer } from '../../records/first-answer.ts'
import type { Answer } from './answer-to.ts'
import type { ApiContext } from './api-context.ts'
import { answeredOnce } from './idempotency.ts'
import type { KeyedWork } from './keyed-work.ts'
import { problemWith } from './problem.ts'

const done = { kind: 'json', status: 202, body: {} } as unknown as Answer
const busy: Answer = { kind: 'problem', problem: problemWith('RLY_BUSY', 'a worker is away') }

/** Asks again and again with one key. */
function rig(isResumable: boolean) {
  const clock = new ManualClock()
  let kept: FirstAnswer | null = null
  const firstAnswers = {
    count: async () => 0,
    begin: async (first: FirstAnswer) => {
      const before = kept
      kept ??= first
      return before
    },
    takeOver: async (_owner: string, _key: string, begunBy: string) => {
      if (kept) kept = { ...kept, begunBy }
    },
    finish: async (_owner: string, _key: string, sealedAnswer: Uint8Array) => {
      if (kept) kept = { ...kept, sealedAnswer }
    },
    forget: async () => {
      kept = null
    },
  }
  const store = {
    firstAnswers,
    transaction: (work: (all: unknown) => unknown) => work({ firstAnswers }),
  }
  const keyring = { seal: (text: Buffer) => text, open: (text: Buffer) => text }
  const context = { records: { clock, store, keyring }, place: 'here' } as unknown as ApiContext
  const request = {
    ...{ key: 'k', owner: 'o', method: 'POST', url: '/messages', body: {} },
    isResumable,
  }
  const ask = (answer: Answer) => {
    const seen: KeyedWork[] = []
    return answeredOnce(context, silentLog, request, async (keyed) => {
      seen.push(keyed)
      return answer
    }).then((once) => ({ ...once, keyed: seen[0] ?? null }))
  }
  return { ask, clock }
}

test('After trouble of ours the same request looks for what was done, under the time of the first', async () => {
  const { ask, clock } = rig(true)
  const first = await ask(busy)
  await clock.advance(minutes(1))
  const second = await ask(busy)
  await clock.advance(minutes(1))
  const third = await ask(done)
  assert.deepEqual(
    [first, second, third].map(({ keyed }) => keyed?.isAgain),
    [false, true, true],
  )
  assert.equal(third.keyed?.at, first.keyed?.at)
  assert.equal((await ask(done)).isReplayed, true)
})

test('What can no longer be found by its time is not sent again', async () => {
  const { ask, clock } = rig(true)
  await ask(busy)
  await clock.advance(minutes(30))
  const { answer, keyed } = await ask(done)
  assert.equal(keyed, null)
  assert.equal(answer.kind === 'problem' && answer.problem.code, 'RLY_IDEMPOTENCY')
})

test('Work of which nobody can tell what was done begins anew after it has said that it failed', async () => {
  const { ask } = rig(false)
  await ask(busy)
  const { keyed } = await ask(done)
  assert.equal(keyed?.isAgain, false)
})
