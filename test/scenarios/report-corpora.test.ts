// SPDX-License-Identifier: Apache-2.0
/** Real reports of many makers: whom they are about, and what they want to say. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { readReport } from '../../src/protocol/report/read-report.ts'
import type { ReadReport, ReportedAction } from '../../src/protocol/report/report-facts.ts'
import { corpus } from '../support/corpus.ts'

const bounces = corpus('bounces')
const feedback = corpus('arf')

interface FluflItem {
  readonly file: string
  readonly temporary: readonly string[] | null
  readonly permanent: readonly string[] | null
}

function addresses({ recipients }: ReadReport, wanted: ReportedAction): readonly string[] {
  const of = recipients.filter(({ action }) => action === wanted)
  return [...new Set(of.map(({ address }) => address ?? ''))].toSorted()
}

function rowsOf(file: string): readonly (readonly string[])[] {
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'))
}

test('Recipients are exactly those of at least 95 % of the bounces that have a truth', {
  skip: bounces === null,
}, () => {
  const items = JSON.parse(readFileSync(`${bounces}/flufl.expected.json`, 'utf8')) as FluflItem[]
  const told = items.filter(({ permanent }) => permanent !== null)
  const missed = told.filter(({ file, permanent, temporary }) => {
    const report = readReport(readFileSync(`${bounces}/flufl/${file}`))
    const failed = addresses(report, 'failed').filter((address) => address !== '')
    const isRight =
      String(failed) === String(permanent?.toSorted()) &&
      String(addresses(report, 'delayed')) === String(temporary?.toSorted())
    return !isRight
  })
  const share = 1 - missed.length / told.length
  assert.ok(share >= 0.95, `${share}: ${missed.map(({ file }) => file).join(' ')}`)
})

test('Bounces are taken for bounces, and vacations for automatic replies', {
  skip: bounces === null,
}, () => {
  const rows = rowsOf(`${bounces}/sisimai.expected.tsv`)
  const missed = rows.filter(([file = '', , , , reason = '']) => {
    if (reason === 'feedback' || reason === 'delivered') return false
    const { kind } = readReport(readFileSync(`${bounces}/sisimai/${file}`))
    if (reason === 'vacation') return kind !== 'auto-reply'
    return kind !== 'bounce' && kind !== 'delayed'
  })
  // Notifications in JSON by another service, and mail about a loop.
  assert.ok(missed.length <= 3, missed.map(([file]) => file).join(' '))
})

test('Feedback reports are what they are, about whom they name', {
  skip: feedback === null,
}, () => {
  for (const [file = '', truth = '', type = '', recipients = ''] of rowsOf(
    `${feedback}/truth.tsv`,
  )) {
    const report = readReport(readFileSync(`${feedback}/${file}`))
    // A failed authentication is none of the kinds that act.
    assert.equal(report.kind, truth === 'auth-failure' ? 'other' : truth, file)
    if (truth !== 'unsubscribe') assert.equal(report.feedbackType ?? '', type, file)
    assert.equal(report.recipients.map(({ address }) => address).join(' '), recipients, file)
  }
})
