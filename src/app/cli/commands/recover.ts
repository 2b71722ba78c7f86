// SPDX-License-Identifier: Apache-2.0
/** `posthaste recover list`: mail that failed, by cause, and what has changed since. */
import type { Command } from 'commander'
import * as failures from '../../../api/resources/failures.ts'
import { type SortOption, sortOption, wholeNumber } from '../arguments.ts'
import { pointInTime, table } from '../layout.ts'
import type { Shell } from '../shell.ts'
import type { Terminal } from '../terminal.ts'

interface Options extends SortOption {
  readonly tenant?: string
  readonly days: number
}

export function define(command: Command, shell: Shell): void {
  const { terminal } = shell
  command
    .command('list')
    .description('Lists mail that failed by cause, and where mail was taken again since.')
    .option('--tenant <id>', 'only of this tenant')
    .option('--days <count>', 'in so many days', wholeNumber(1, 90), 7)
    .addOption(sortOption())
    .action((query: Options) =>
      shell.withApi(async (api) => {
        const answer = await api.call(failures.list, { query: { ...query } })
        terminal.result(answer, () => listText(terminal, answer.items, query))
      }),
    )
}

function listText(
  terminal: Terminal,
  items: readonly failures.FailureAnswer[],
  { days }: Options,
): string {
  if (items.length === 0) return `No mail has failed in ${days} days.`
  return table(
    terminal,
    ['CAUSE', 'RECIPIENTS', 'LAST', 'TAKEN AGAIN SINCE'],
    items.map(({ cause, lastAt, recipients, sites }) => [
      cause,
      recipients,
      pointInTime(lastAt),
      sites
        .filter(({ worksSince }) => worksSince !== null)
        .map(({ recipients: own, site }) => `${site} (${own})`)
        .join(', '),
    ]),
  )
}
