// SPDX-License-Identifier: Apache-2.0
/** `posthaste verify`: whether the data directory of a stopped relay is sound, and what is wrong with it. */
import type { Command } from 'commander'
import { RelayError } from '../../../base/errors.ts'
import type { Problem } from '../../../platform/journal/verify-findings.ts'
import { type Verified, type VerifiedJournal, verify } from '../../verify.ts'
import { facts } from '../layout.ts'
import type { Shell } from '../shell.ts'
import type { Terminal } from '../terminal.ts'

export function define(command: Command, shell: Shell): void {
  command
    .description(
      'Reads everything in the data directory of a stopped relay and says what is damaged. Changes nothing without --repair.',
    )
    .option(
      '--repair',
      'set damaged records aside in corrupt/ and make the index of damaged journals anew',
    )
    .action(async ({ repair = false }: { repair?: boolean }) => {
      const verified = await verify(await shell.config(), repair)
      shell.terminal.result(verified, (terminal) => report(terminal, verified))
      if (!verified.sound)
        throw new RelayError(
          'RLY_DATA_DAMAGED',
          `${verified.dataDir} is damaged: ${counted(verified.problemCount, 'problem')}${repair ? ' that no repair mends' : ''}`,
        )
    })
}

function report(terminal: Terminal, { dataDir, sound, journals, store }: Verified): string {
  const parts = [
    ...journals.map((journal) => journalText(terminal, journal)),
    section(terminal, 'records', [['signing keys', store.signingKeys]], store.problems),
  ]
  if (sound) parts.push(terminal.styled('green', `${dataDir} is sound.`))
  return parts.join('\n\n')
}

function journalText(terminal: Terminal, journal: VerifiedJournal): string {
  const { segments, records, messages, waiting, content, index, end, setAside } = journal
  const { problems, problemCount } = journal
  const pairs = [
    ['segments', `${segments.mail} of mail, ${segments.event} of events`],
    ['records', `${records.mail} of mail, ${records.event} of events`],
    ['messages', messages],
    ['waiting', counted(waiting, 'recipient')],
    ['content', content.needed === 0 ? null : `${counted(content.needed, 'file')} in use`],
    ['index', `${index.state}, read to ${index.position ?? 'nowhere'} of ${end}`],
    ['set aside', setAside === 0 ? null : `${counted(setAside, 'damage')} in corrupt/`],
    ...journal.leftovers.map((what) => ['left over', what] as const),
    ...journal.mended.map((problem) => ['was damaged', placed(problem)] as const),
    ...journal.repaired.map((what) => ['repair', what] as const),
    [
      'unnamed',
      problemCount > problems.length ? `${problemCount - problems.length} more problems` : null,
    ],
  ] as const
  return section(terminal, journal.name, pairs, problems)
}

function section(
  terminal: Terminal,
  name: string,
  pairs: Parameters<typeof facts>[1],
  problems: readonly Problem[],
): string {
  return [
    terminal.styled('bold', name),
    facts(terminal, [...pairs, ...problems.map((problem) => damage(problem))]),
  ].join('\n')
}

function damage(problem: Problem) {
  return ['damaged', { text: placed(problem), style: 'red' }] as const
}

function placed({ file, offset, what }: Problem): string {
  return `${offset === null ? file : `${file}:${offset}`}: ${what}`
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
