// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Reply, reply } from '../reply.ts'
import {
  type Step,
  TransactionMachine,
  type TransactionShape,
  type TransactionStage,
} from './client-transaction.ts'

const GROUP: TransactionShape = {
  recipients: 1,
  reset: true,
  pipelined: true,
  transfer: 'data',
  contentInGroup: false,
}
const LOCK_STEP: TransactionShape = { ...GROUP, pipelined: false }
const CHUNKED: TransactionShape = { ...GROUP, transfer: 'bdat', contentInGroup: true }
const CHUNKED_LATER: TransactionShape = { ...GROUP, transfer: 'bdat' }

const ok = reply(250, null, 'ok')
const go = reply(354, null, 'go')

const order: readonly TransactionStage[] = ['rset', 'mail', 'rcpt', 'data', 'content']

/** The machine when the reply of `stage` is awaited and all went well until then. */
function machineAt(stage: TransactionStage, shape: TransactionShape): TransactionMachine {
  const machine = new TransactionMachine(shape)
  while (machine.stage !== stage) machine.take(machine.stage === 'data' ? go : ok)
  return machine
}

/** Step and stage after a 250, 354, 450, 550 and 421, of one recipient. `nonsense` leaves the stage. */
type Row = readonly [stage: TransactionStage, ...after: readonly string[]]
const walks: readonly (readonly [name: string, shape: TransactionShape, rows: readonly Row[]])[] = [
  [
    'one group and DATA',
    GROUP,
    [
      ['rset', 'await mail', 'nonsense rset', 'done done', 'done done', 'done done'],
      ['mail', 'await rcpt', 'nonsense mail', 'await rcpt', 'await rcpt', 'done done'],
      ['rcpt', 'await data', 'nonsense rcpt', 'await data', 'await data', 'done done'],
      ['data', 'nonsense data', 'content content', 'done done', 'done done', 'done done'],
      ['content', 'done done', 'nonsense content', 'done done', 'done done', 'done done'],
    ],
  ],
  [
    'lock-step and DATA',
    LOCK_STEP,
    [
      ['rset', 'command mail', 'nonsense rset', 'done done', 'done done', 'done done'],
      ['mail', 'command rcpt', 'nonsense mail', 'done done', 'done done', 'done done'],
      ['rcpt', 'command data', 'nonsense rcpt', 'done done', 'done done', 'done done'],
      ['data', 'nonsense data', 'content content', 'done done', 'done done', 'done done'],
      ['content', 'done done', 'nonsense content', 'done done', 'done done', 'done done'],
    ],
  ],
  [
    'BDAT in the group',
    CHUNKED,
    [
      ['mail', 'await rcpt', 'nonsense mail', 'await rcpt', 'await rcpt', 'done done'],
      ['rcpt', 'await content', 'nonsense rcpt', 'await content', 'await content', 'done done'],
      ['content', 'done done', 'nonsense content', 'done done', 'done done', 'done done'],
    ],
  ],
  [
    'BDAT after the group',
    CHUNKED_LATER,
    [
      ['rcpt', 'content content', 'nonsense rcpt', 'done done', 'done done', 'done done'],
      ['content', 'done done', 'nonsense content', 'done done', 'done done', 'done done'],
    ],
  ],
]

const answers: readonly Reply[] = [
  ok,
  go,
  reply(450, null, 'later'),
  reply(550, null, 'never'),
  reply(421, null, 'bye'),
]

for (const [name, shape, rows] of walks)
  for (const [stage, ...expected] of rows)
    test(`With ${name}, each class of reply at ${stage} leads where it should`, () => {
      for (const [at, answer] of answers.entries()) {
        const machine = machineAt(stage, shape)
        const step: Step = machine.take(answer)
        assert.equal(`${step} ${machine.stage}`, expected[at], `after ${answer.code}`)
        assert.equal(
          machine.isInStep,
          answer.code !== 421 && !(stage === 'rset' && step === 'done'),
        )
        if (machine.stage !== 'done') continue
        const [decision] = machine.decisions()
        assert.deepEqual(decision, { reply: answer, stage, said: 'peer' })
        assert.equal(machine.needsReset, !(stage === 'content' && answer.code === 250))
      }
    })

test('A loss at any stage decides every open recipient at that stage, in our words', () => {
  const lost = reply(421, '4.4.2', 'lost')
  for (const stage of order) {
    const machine = machineAt(stage, GROUP)
    machine.breakOff(lost)
    assert.deepEqual(machine.decisions(), [{ reply: lost, stage, said: 'us' }])
    assert.equal(machine.isInStep, false)
    machine.breakOff(ok)
    assert.equal(machine.decisions()[0]?.reply, lost, 'the first decision stands')
  }
})

test('Recipients are decided one by one, and the content decides the rest', () => {
  const machine = new TransactionMachine({ ...GROUP, reset: false, recipients: 3 })
  const no = reply(550, '5.1.1', 'no')
  const full = reply(452, '4.5.3', 'too many')
  const steps = [ok, ok, no, full, go, ok].map((answer) => machine.take(answer))
  assert.deepEqual(steps, ['await', 'await', 'await', 'await', 'content', 'done'])
  assert.deepEqual(
    machine.decisions().map(({ reply: { code }, stage }) => `${code} ${stage}`),
    ['250 content', '550 rcpt', '452 rcpt'],
  )
})

test('A 354 although nobody was accepted is answered by a dot, and decides nothing', () => {
  const machine = new TransactionMachine({ ...GROUP, reset: false })
  const no = reply(550, null, 'no')
  assert.deepEqual(
    [ok, no, go, ok].map((answer) => machine.take(answer)),
    ['await', 'await', 'dot', 'done'],
  )
  assert.deepEqual(machine.decisions(), [{ reply: no, stage: 'rcpt', said: 'peer' }])
  assert.ok(machine.isInStep)
})

test('MAIL that is refused decides for all, and the rest of the group is read in step', () => {
  const machine = new TransactionMachine({ ...GROUP, reset: false, recipients: 2 })
  const no = reply(550, '5.7.1', 'not you')
  const bad = reply(503, '5.5.1', 'no MAIL')
  assert.deepEqual(
    [no, bad, bad, bad].map((answer) => machine.take(answer)),
    ['await', 'await', 'await', 'done'],
  )
  for (const decision of machine.decisions())
    assert.deepEqual(decision, { reply: no, stage: 'mail', said: 'peer' })
})
