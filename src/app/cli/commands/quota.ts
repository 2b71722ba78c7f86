// SPDX-License-Identifier: Apache-2.0
/** `posthaste quota list|show|set|change|remove`. */
import { type Command, Option } from 'commander'
import * as quotas from '../../../api/resources/quotas.ts'
import { RelayError } from '../../../base/errors.ts'
import { type SortOption, sortOption, wholeNumber } from '../arguments.ts'
import { table } from '../layout.ts'
import type { Shell } from '../shell.ts'
import type { Terminal } from '../terminal.ts'

interface SetOptions {
  readonly tenant?: string
  readonly stream?: string
  readonly credential?: string
  readonly per: quotas.QuotaAnswer['period']
  readonly over: quotas.QuotaAnswer['whenOver']
}

interface ChangeOptions {
  readonly tenant?: string
  readonly recipients?: number
  readonly over?: quotas.QuotaAnswer['whenOver']
}

const MOST = 1_000_000_000

export function define(command: Command, shell: Shell): void {
  const { terminal } = shell
  command
    .command('list')
    .description('Quotas, and how much is used of them now.')
    .option('--tenant <id>', 'only of this tenant')
    .addOption(sortOption())
    .action(({ tenant, sort }: { readonly tenant?: string } & SortOption) =>
      shell.withApi(async (api) => {
        const all = await api.all(quotas.list, { query: { tenant, sort } })
        terminal.result(all, () => listText(terminal, all))
      }),
    )
  command
    .command('show <id>')
    .description('Shows a quota, by its id in the list, such as stream.news.day.')
    .option('--tenant <id>', 'whose (default: the only tenant)')
    .action((id: string, { tenant }: { readonly tenant?: string }) =>
      shell.withApi(async (api) => {
        const quota = await api.call(quotas.show, { params: { id }, query: { tenant } })
        terminal.result(quota, () => listText(terminal, [quota]))
      }),
    )
  defineSet(command, shell)
  command
    .command('change <id>')
    .description('Changes a quota; what was counted counts on.')
    .option('--tenant <id>', 'whose (default: the only tenant)')
    .option('--recipients <count>', 'at most so many', wholeNumber(1, MOST))
    .addOption(
      new Option('--over <what>', 'what comes of mail that is over it').choices(['reject', 'hold']),
    )
    .action((id: string, { tenant, recipients, over }: ChangeOptions) =>
      shell.withApi(async (api) => {
        const body = { recipients, whenOver: over }
        const quota = await api.call(quotas.change, { params: { id }, query: { tenant }, body })
        terminal.result(
          quota,
          () =>
            `Quota ${quota.id} of tenant ${quota.tenant} is ${quota.recipients} recipients (${quota.whenOver}).`,
        )
      }),
    )
  command
    .command('remove <id>')
    .description('Removes a quota, by its id in the list, such as stream.news.day.')
    .option('--tenant <id>', 'whose (default: the only tenant)')
    .action((id: string, { tenant }: { readonly tenant?: string }) =>
      shell.withApi(async (api) => {
        const removed = await api.call(quotas.remove, { params: { id }, query: { tenant } })
        terminal.result({ removed }, () => `Removed quota ${id} of tenant ${removed.tenant}.`)
      }),
    )
}

function defineSet(command: Command, shell: Shell): void {
  command
    .command('set')
    .description(
      'How many recipients may be handed in in an hour, a day or a month: by the tenant, in a stream, or with a credential.',
    )
    .argument('<recipients>', 'at most so many', wholeNumber(1, MOST))
    .addOption(
      new Option('--per <period>', 'of the calendar, in UTC')
        .choices(['hour', 'day', 'month'])
        .makeOptionMandatory(),
    )
    .option('--tenant <id>', 'whose (default: the only tenant)')
    .option('--stream <name>', 'of this stream alone')
    .option('--credential <id>', 'of this credential alone')
    .addOption(
      new Option('--over <what>', 'what comes of mail that is over it')
        .choices(['reject', 'hold'])
        .default('reject'),
    )
    .action((recipients: number, { tenant, stream, credential, per, over }: SetOptions) =>
      shell.withApi(async (api) => {
        if (stream !== undefined && credential !== undefined)
          throw new RelayError(
            'RLY_USAGE',
            'a quota is of a stream or of a credential, not of both',
          )
        const subject = subjectOf(stream, credential)
        const body = { ...subject, period: per, recipients, whenOver: over }
        const quota = await api.call(quotas.set, { query: { tenant }, body })
        shell.terminal.result(
          quota,
          () => `Quota ${quota.id} of tenant ${quota.tenant} is ${recipients} recipients.`,
        )
      }),
    )
}

function subjectOf(stream: string | undefined, credential: string | undefined) {
  if (stream !== undefined) return { kind: 'stream', name: stream } as const
  if (credential !== undefined) return { kind: 'credential', name: credential } as const
  return { kind: 'tenant', name: null } as const
}

function listText(terminal: Terminal, all: readonly quotas.QuotaAnswer[]): string {
  if (all.length === 0) return 'No quota: posthaste quota set 10000 --per day'
  return table(
    terminal,
    ['TENANT', 'QUOTA', 'RECIPIENTS', 'USED', 'WHEN OVER'],
    all.map(({ tenant, id, recipients, used, whenOver }) => [
      tenant,
      id,
      recipients,
      used >= recipients ? { text: String(used), style: 'yellow' as const } : used,
      whenOver,
    ]),
  )
}
