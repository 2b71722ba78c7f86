// SPDX-License-Identifier: Apache-2.0
/** `posthaste rates`: how much of delivered mail bounces and is complained about. */
import { type Command, Option } from 'commander'
import * as rates from '../../../api/resources/rates.ts'
import { rateLimits } from '../../../base/limits/rate-limits.ts'
import { rateDimensions } from '../../../records/rate.ts'
import { type SortOption, sortOption, wholeNumber } from '../arguments.ts'
import { table } from '../layout.ts'
import type { Shell } from '../shell.ts'
import type { Terminal } from '../terminal.ts'

interface Options extends SortOption {
  readonly by: rates.RateAnswer['by']
  readonly days: number
  readonly tenant?: string
}

export function define(command: Command, shell: Shell): void {
  command
    .addOption(
      new Option('--by <what>', 'what is told apart').choices(rateDimensions).default('stream'),
    )
    .option(
      '--days <count>',
      'mail of so many days',
      wholeNumber(1, rateLimits.keptDays),
      rateLimits.windowDays,
    )
    .option('--tenant <id>', 'only of this tenant')
    .addOption(sortOption())
    .action((query: Options) =>
      shell.withApi(async (api) => {
        const items = await api.all(rates.list, { query: { ...query } })
        shell.terminal.result(items, () => listText(shell.terminal, items, query))
      }),
    )
}

function listText(
  terminal: Terminal,
  items: readonly rates.RateAnswer[],
  { by, days }: Options,
): string {
  if (items.length === 0) return `No mail of the last ${days} days has come to an end.`
  return table(
    terminal,
    ['TENANT', by.toUpperCase(), 'DELIVERED', 'BOUNCED', 'LATER', 'COMPLAINTS', 'UNSUBSCRIBED'],
    items.map((item) => [
      item.tenant,
      item.name,
      item.delivered,
      `${item.bounced}  ${percent(item.bounceRate)}`,
      item.reported,
      `${item.complained}  ${percent(item.complaintRate)}`,
      item.unsubscribed,
    ]),
  )
}

function percent(share: number): string {
  return `(${(share * 100).toFixed(2)} %)`
}
