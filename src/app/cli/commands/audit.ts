// SPDX-License-Identifier: Apache-2.0
/** `posthaste audit list`: who changed what. */
import type { Command } from 'commander'
import * as audit from '../../../api/resources/audit.ts'
import { type SortOption, sortOption, wholeNumber } from '../arguments.ts'
import { pointInTime, table } from '../layout.ts'
import type { Shell } from '../shell.ts'
import type { Terminal } from '../terminal.ts'

interface Options extends SortOption {
  readonly tenant?: string
  readonly actor?: string
  readonly action?: string
  readonly since?: string
  readonly limit: number
}

export function define(command: Command, shell: Shell): void {
  const { terminal } = shell
  command
    .command('list')
    .description(
      'Lists changes by the API and the command line, the newest first. --json has what was before and after.',
    )
    .option('--tenant <id>', 'only about this tenant')
    .option('--actor <id>', 'only by this person or key')
    .option('--action <name>', 'only of this kind, such as domains.add')
    .option('--since <time>', 'only since then, such as 2027-01-31T00:00:00Z')
    .option('--limit <count>', 'as many at most', wholeNumber(1, 500), 50)
    .addOption(sortOption())
    .action((query: Options) =>
      shell.withApi(async (api) => {
        const { items } = await api.call(audit.list, { query: { ...query } })
        terminal.result(items, () => listText(terminal, items))
      }),
    )
}

function listText(terminal: Terminal, items: readonly audit.AuditAnswer[]): string {
  if (items.length === 0) return 'Nothing was changed, or it is no longer kept.'
  return table(
    terminal,
    ['AT', 'TENANT', 'BY', 'FROM', 'ACTION', 'WHAT'],
    items.map(({ action, actor, at, target, tenant }) => [
      pointInTime(at),
      tenant ?? '-',
      actor.kind === 'person' ? actor.name : `${actor.kind} ${actor.name || actor.id}`.trim(),
      actor.address,
      action,
      target,
    ]),
  )
}
