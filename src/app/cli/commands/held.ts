// SPDX-License-Identifier: Apache-2.0
/** `posthaste held list|release|cancel`. */
import { type Command, Option } from 'commander'
import * as held from '../../../api/resources/held.ts'
import { heldBy } from '../../../events/hold-events.ts'
import { pointInTime, table } from '../layout.ts'
import type { Shell } from '../shell.ts'
import type { Terminal } from '../terminal.ts'

interface Criteria {
  readonly tenant?: string
  readonly stream?: string
  readonly by?: held.HeldAnswer['by']
  readonly credential?: string
}

interface Chosen extends Criteria {
  readonly all?: true
}

export function define(command: Command, shell: Shell): void {
  withCriteria(command.command('list'))
    .description('Mail that waits for a decision, in the order in which it came.')
    .action(({ tenant, ...chosen }: Criteria) =>
      shell.withApi(async (api) => {
        const all = await api.all(held.list, { query: { tenant, ...chosen } })
        shell.terminal.result(all, () => listText(shell.terminal, all))
      }),
    )
  defineDecision(command, shell, held.release, 'release', 'Sends mail that was held.', 'are sent')
  defineDecision(
    command,
    shell,
    held.cancel,
    'cancel',
    'Takes back mail that was held: nobody gets it, and no report is sent.',
    'are taken back',
  )
}

function defineDecision(
  command: Command,
  shell: Shell,
  route: typeof held.release,
  name: string,
  description: string,
  done: string,
): void {
  withCriteria(command.command(name))
    .description(description)
    .argument('[message]', 'id of one, as "held list" shows it')
    .option('--all', 'all that is held')
    .action((message: string | undefined, { tenant, ...chosen }: Chosen) =>
      shell.withApi(async (api) => {
        const body = { message, ...chosen }
        const answer = await api.call(route, { query: { tenant }, body })
        shell.terminal.result(answer, () => `${answer.recipients} recipients ${done}.`)
      }),
    )
}

function withCriteria(command: Command): Command {
  return command
    .option('--tenant <id>', 'only of this tenant')
    .option('--stream <name>', 'only of this stream')
    .option('--campaign <name>', 'only of this campaign')
    .addOption(new Option('--by <what>', 'only what this holds').choices(heldBy.options))
    .option('--credential <id>', 'only what came with this credential')
}

function listText(terminal: Terminal, all: readonly held.HeldAnswer[]): string {
  if (all.length === 0) return 'Nothing is held.'
  return table(
    terminal,
    ['MESSAGE', 'STREAM', 'FROM', 'TO', 'UNTIL', 'WHY'],
    all.map(({ id, tenant, stream, reversePath, recipients, recipientCount, until, why }) => [
      { text: id, style: 'bold' },
      `${stream}:${tenant}`,
      reversePath,
      recipientCount === 1 ? (recipients[0] ?? '') : `${recipientCount} recipients`,
      until === null ? 'never' : pointInTime(Date.parse(until)),
      why,
    ]),
  )
}
