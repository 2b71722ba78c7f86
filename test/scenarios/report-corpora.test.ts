// SPDX-License-Identifier: Apache-2.0
/** Real reports of many makers: whom they are about, and what they want to say. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { readReport } from '../../src/protocol/report/read-report.ts'
import { feedbackReadings, isRight, recipientReadings } from '../score/reports.ts'
import { rowsOf } from '../score/samples.ts'
import { corpus } from '../support/corpus.ts'

const bounces = corpus('bounces')
const feedback = corpus('arf')

test('Recipients are exactly those of at least 95 % of the bounces that have a truth', {
  skip: bounces === null,
}, () => {
  const readings = recipientReadings() ?? []
  const missed = readings.filter((reading) => !isRight(reading))
  const share = 1 - missed.length / readings.length
  assert.ok(share >= 0.95, `${share}: ${missed.map(({ file }) => file).join(' ')}`)
})

test('Bounces are taken for bounces, and vacations for automatic replies', {
  skip: bounces === null,
}, () => {
  const rows = rowsOf(`${bounces}/sisimai.expected.tsv`)
  const missed = rows.filter(({ file = '', reason = '' }) => {
    if (reason === 'feedback' || reason === 'delivered') return false
    const { kind } = readReport(readFileSync(`${bounces}/sisimai/${file}`))
    if (reason === 'vacation') return kind !== 'auto-reply'
    return kind !== 'bounce' && kind !== 'delayed'
  })
  // Notifications in JSON by another service, and mail about a loop.
  assert.ok(missed.length <= 3, missed.map(({ file }) => file).join(' '))
})

test('Feedback reports are what they are, about whom they name', {
  skip: feedback === null,
}, () => {
  const { kinds, recipients } = feedbackReadings() ?? { kinds: [], recipients: [] }
  assert.ok(kinds.length > 0 && recipients.length > 0)
  for (const { file, right, said } of [...kinds, ...recipients]) assert.equal(said, right, file)
})
