// SPDX-License-Identifier: Apache-2.0
/** `posthaste brake list|release|confirm`. */
import type { Command } from 'commander'
import * as brakes from '../../../api/resources/brakes.ts'
import type { DurationMs } from '../../../base/brand.ts'
import {
  durationArgument,
  type SortOption,
  type StateOption,
  sortOption,
  stateOption,
} from '../arguments.ts'
import { listOf, pointInTime, table } from '../layout.ts'
import type { Shell } from '../shell.ts'
import type { Terminal } from '../terminal.ts'

export function define(command: Command, shell: Shell): void {
  const { terminal } = shell
  command
    .command('list')
    .description('Lists what holds mail back that would end like too much other mail.')
    .addOption(stateOption())
    .addOption(sortOption())
    .action(({ sort, state }: SortOption & StateOption) =>
      shell.withApi(async (api) => {
        const all = await api.all(brakes.list, { query: { sort, state } })
        terminal.result(all, () => listOf(all, state, () => listText(terminal, all)))
      }),
    )
  command
    .command('release <name>')
    .description('It was not true: what is held is tried again, and suppresses nobody.')
    .action((name: string) =>
      shell.withApi(async (api) => {
        const brake = await api.call(brakes.release, { body: { name } })
        terminal.result(
          brake,
          () =>
            `Released ${name}: what it held is tried again at its next time, or by "queue retry".`,
        )
      }),
    )
  command
    .command('confirm <name>')
    .description('It is true: what is held ends so at its next attempt, and more of it for a time.')
    .option('--for <time>', 'how long more is let through (default: 1d)', durationArgument)
    .action((name: string, options: { readonly for?: DurationMs }) =>
      shell.withApi(async (api) => {
        const brake = await api.call(brakes.confirm, { body: { name, lastsMs: options.for } })
        terminal.result(
          brake,
          () => `Confirmed ${name}: such mail ends until ${pointInTime(brake.until ?? '')}.`,
        )
      }),
    )
}

function listText(terminal: Terminal, all: readonly brakes.BrakeAnswer[]): string {
  if (all.length === 0) return 'No brake holds anything.'
  return table(
    terminal,
    ['BRAKE', 'STATE', 'SINCE', 'ENDS', 'SPREAD', 'USUALLY', 'DECIDED'],
    all.map(({ count, decidedAt, decidedBy, ends, name, since, spread, state, usualShare }) => [
      name,
      state,
      pointInTime(since),
      `${count} of ${ends}`,
      spread,
      usualShare === null ? '?' : `${(usualShare * 100).toFixed(1)} %`,
      decidedAt === null ? '' : `${pointInTime(decidedAt)} by ${decidedBy}`,
    ]),
  )
}
