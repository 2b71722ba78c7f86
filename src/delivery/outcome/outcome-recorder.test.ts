// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seconds } from '../../base/brand.ts'
import { RelayError } from '../../base/errors.ts'
import { silentLog } from '../../base/log.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import type { Spool } from '../../spool/spool.ts'
import type { Notice } from './notice.ts'
import { OutcomeRecorder } from './outcome-recorder.ts'

const full = new RelayError('RLY_SPOOL_FULL', 'no space')
const failed = new RelayError('RLY_SPOOL_FAILED', 'input/output error')
const recipient = { waiting: { message: { id: 'A' } } }
const notice = { fate: { kind: 'bounced' }, recipient } as unknown as Notice

/** A spool that fails in the order of `errors` and then writes, and what happened in order. */
function rig(errors: readonly Error[], isReportTaken = true) {
  const clock = new ManualClock()
  const happened: string[] = []
  const left = [...errors]
  const spool = {
    record: () => {
      const error = left.shift()
      happened.push(error ? error.message : 'recorded')
      return error ? Promise.reject(error) : Promise.resolve()
    },
  } as unknown as Spool
  const recorder = new OutcomeRecorder({
    spool,
    clock,
    log: silentLog,
    node: 'test',
    sendReports: () => {
      happened.push('reported')
      return Promise.resolve(isReportTaken)
    },
    onDiskFailure: () => void happened.push('delivery stops'),
  })
  return { clock, happened, recorder }
}

/** Lets what is settled go on. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

test('A report is durable before the outcome that it reports', async () => {
  const { happened, recorder } = rig([])
  assert.equal(await recorder.recordReported([], [notice]), true)
  assert.deepEqual(happened, ['reported', 'recorded'])
})

test('An outcome without a failure is written alone', async () => {
  const { happened, recorder } = rig([])
  assert.equal(await recorder.record([]), true)
  assert.deepEqual(happened, ['recorded'])
})

test('While the disk is full an outcome is written again every second, and reported once', async () => {
  const { clock, happened, recorder } = rig([full, full])
  const recorded = recorder.recordReported([], [notice])
  for (let second = 0; second < 2; second++) {
    await settle()
    clock.advance(seconds(1))
  }
  assert.equal(await recorded, true)
  assert.deepEqual(happened, ['reported', 'no space', 'no space', 'recorded'])
})

test('A failed disk stops delivery', async () => {
  const { happened, recorder } = rig([failed])
  assert.equal(await recorder.record([]), false)
  assert.deepEqual(happened, ['input/output error', 'delivery stops'])
})

test('An outcome that does not wait is recorded after three vain reports', async () => {
  const { clock, happened, recorder } = rig([], false)
  const recorded = recorder.recordReported([], [notice])
  for (let second = 0; second < 2; second++) {
    await settle()
    clock.advance(seconds(1))
  }
  assert.equal(await recorded, true)
  assert.deepEqual(happened, ['reported', 'reported', 'reported', 'recorded'])
})

test('Whoever can wait is told that a report cannot be accepted now', async () => {
  const { happened, recorder } = rig([], false)
  assert.equal(await recorder.report([notice]), false)
  assert.equal(await recorder.report([]), true, 'nothing is owed')
  assert.deepEqual(happened, ['reported'])
})
