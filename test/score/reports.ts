// SPDX-License-Identifier: Apache-2.0
/** Reports of `../shared/corpora` with a truth: whom a bounce is about, and what kind of feedback a report gives, about whom. */
import { readFileSync } from 'node:fs'
import { readReport } from '../../src/protocol/report/read-report.ts'
import type { ReadReport, ReportedAction } from '../../src/protocol/report/report-facts.ts'
import { corpus } from '../support/corpus.ts'
import { rowsOf } from './samples.ts'

/** What was read of a report, and what it should have been; as words. */
export interface Reading {
  readonly file: string
  readonly right: string
  readonly said: string
}

export interface FeedbackReadings {
  readonly kinds: readonly Reading[]
  /** Of reports that name somebody. */
  readonly recipients: readonly Reading[]
}

interface BounceTruth {
  readonly file: string
  readonly temporary: readonly string[] | null
  readonly permanent: readonly string[] | null
}

/** Recipients that failed, and those who wait; `null` where there is no corpus. */
export function recipientReadings(): readonly Reading[] | null {
  const folder = corpus('bounces')
  if (folder === null) return null
  const items = JSON.parse(readFileSync(`${folder}/flufl.expected.json`, 'utf8')) as BounceTruth[]
  return items.flatMap(({ file, permanent, temporary }) => {
    if (permanent === null) return []
    const report = readReport(readFileSync(`${folder}/flufl/${file}`))
    return {
      file,
      right: sets(permanent, temporary ?? []),
      said: sets(addresses(report, 'failed'), addresses(report, 'delayed')),
    }
  })
}

/** `null` where there is no corpus. */
export function feedbackReadings(): FeedbackReadings | null {
  const folder = corpus('arf')
  if (folder === null) return null
  const all = rowsOf(`${folder}/truth.tsv`).map((row) => {
    const file = row['file'] ?? ''
    return { file, row, report: readReport(readFileSync(`${folder}/${file}`)) }
  })
  return {
    // A failed authentication is none of the kinds that act.
    kinds: all.map(({ file, report, row }) => ({
      file,
      right: row['kind'] === 'auth-failure' ? 'other' : (row['kind'] ?? ''),
      said: report.kind,
    })),
    recipients: all
      .filter(({ row }) => row['recipient'] !== '')
      .map(({ file, report, row }) => ({
        file,
        right: row['recipient'] ?? '',
        said: report.recipients.map(({ address }) => address).join(' '),
      })),
  }
}

export function isRight({ right, said }: Reading): boolean {
  return right === said
}

function addresses({ recipients }: ReadReport, wanted: ReportedAction): readonly string[] {
  const of = recipients.filter(({ action }) => action === wanted)
  return [...new Set(of.flatMap(({ address }) => address ?? []))]
}

function sets(failed: readonly string[], waiting: readonly string[]): string {
  return `failed: ${failed.toSorted().join(' ')}; delayed: ${waiting.toSorted().join(' ')}`
}
