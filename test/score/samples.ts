// SPDX-License-Identifier: Apache-2.0
/** The replies and reports of `../shared/corpora` with what each is known to be. */
import { readFileSync } from 'node:fs'
import type { CoarseClass } from '../../src/protocol/classify/failure-class.ts'
import { corpus } from '../support/corpus.ts'

export interface Sample {
  /** Where it stands: file and row. */
  readonly name: string
  /** Whose software or service wrote it; what is held out together. */
  readonly group: string
  readonly text: string
  readonly right: readonly CoarseClass[]
  readonly mustNotSuppress: boolean
}

export interface Decision {
  readonly text: string
  readonly action: 'defer' | 'reject'
  readonly category: string
}

/** Rows of a file with tabs, by the names in its first line. */
export function rowsOf(file: string): readonly Readonly<Record<string, string>>[] {
  const [head = '', ...lines] = readFileSync(file, 'utf8').split('\n')
  const names = head.split('\t')
  return lines
    .filter((line) => line !== '')
    .map((line) => {
      const cells = line.split('\t')
      return Object.fromEntries(names.map((name, at) => [name, cells[at] ?? '']))
    })
}

/** `null` where there is no corpus. */
export function replySamples(): readonly Sample[] | null {
  const folder = corpus('smtp-replies')
  if (folder === null) return null
  const truths = new Map<string, Readonly<Record<string, string>>>()
  for (const row of rowsOf(`${folder}/coarse.tsv`)) truths.set(`${row['set']} ${row['row']}`, row)
  const set = (file: string, text: string, group: string): Sample[] =>
    rowsOf(`${folder}/${file}`).map((row, at) => {
      const name = `${file} ${at + 1}`
      const truth = truths.get(name)
      return {
        name,
        group: row[group] ?? '',
        text: row[text] ?? '',
        right: (truth?.['accepted_coarse'] ?? '').split('|') as CoarseClass[],
        mustNotSuppress: truth?.['must_not_suppress'] === 'yes',
      }
    })
  return [
    ...set('sisimai-diagnostics.tsv', 'diagnostic_text', 'agent'),
    ...set('sisimai-rhost-fulltext.tsv', 'reply_text', 'provider'),
  ]
}

/** ZoneMTA's rules, each with a reply that it is for. */
export function zoneDecisions(): readonly Decision[] | null {
  const folder = corpus('smtp-replies')
  if (folder === null) return null
  return rowsOf(`${folder}/zone-mta.tsv`).map((row) => ({
    text: row['reply_text'] ?? '',
    action: row['action'] === 'reject' ? 'reject' : 'defer',
    category: row['category'] ?? '',
  }))
}
