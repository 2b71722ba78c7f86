// SPDX-License-Identifier: Apache-2.0
/** `posthaste key add|list|show|change|rotate|remove`: keys of the HTTP API. */
import { type Command, Option } from 'commander'
import * as keys from '../../../api/resources/keys.ts'
import type { DurationMs } from '../../../base/brand.ts'
import { keyScopes } from '../../../records/records.ts'
import {
  durationArgument,
  type SortOption,
  type StateOption,
  sortOption,
  stateOption,
} from '../arguments.ts'
import { facts, lastUseInWords, listOf, pointInTime, table } from '../layout.ts'
import type { Shell } from '../shell.ts'
import type { Terminal } from '../terminal.ts'

interface AddOptions {
  readonly label: string
  readonly scope: keys.KeyAnswer['scopes']
  readonly tenant?: string
  readonly from?: string[]
  readonly expires?: string
  readonly installation?: true
}

interface ChangeOptions {
  readonly label?: string
  readonly scope?: keys.KeyAnswer['scopes']
  readonly from?: string[] | false
  readonly expires?: string | false
}

export function define(command: Command, shell: Shell): void {
  defineAdd(command, shell)
  defineChange(command, shell)
  defineOthers(command, shell)
}

function defineAdd(command: Command, shell: Shell): void {
  const { terminal } = shell
  command
    .command('add')
    .description('Makes a key. Its secret is shown once and kept only as a hash.')
    .requiredOption('--label <text>', 'which program has it')
    .addOption(
      new Option('--scope <names...>', 'what it may do')
        .choices(keyScopes)
        .default(['send', 'read']),
    )
    .option('--tenant <id>', 'whose (default: the only tenant)')
    .option('--installation', 'a key of the installation, which reaches every tenant')
    .option('--from <networks...>', 'good only from these networks, such as 192.0.2.0/24')
    .option('--expires <time>', 'good until then, such as 2027-01-31T00:00:00Z')
    .action((options: AddOptions) =>
      shell.withApi(async (api) => {
        const made = await api.call(keys.add, {
          query: { tenant: options.tenant },
          body: {
            label: options.label,
            scopes: options.scope,
            allowedFrom: options.from,
            expiresAt: options.expires,
            ofInstallation: options.installation,
          },
        })
        terminal.result(
          made,
          () =>
            `Added key ${made.id} (${made.label}). ${terminal.styled('bold', 'The secret is not shown again.')}\n\n${terminal.styled('cyan', made.secret)}`,
        )
      }),
    )
}

function defineChange(command: Command, shell: Shell): void {
  const { terminal } = shell
  command
    .command('change <id>')
    .description('Changes a key; its secret stays. What is not given stays.')
    .option('--label <text>', 'which program has it')
    .addOption(new Option('--scope <names...>', 'what it may do').choices(keyScopes))
    .option('--from <networks...>', 'good only from these networks')
    .option('--no-from', 'good from anywhere')
    .option('--expires <time>', 'good until then')
    .option('--no-expires', 'good until it is removed')
    .action((id: string, { label, scope, from, expires }: ChangeOptions) =>
      shell.withApi(async (api) => {
        const body = {
          ...{ label, scopes: scope },
          allowedFrom: from === false ? [] : from,
          expiresAt: expires === false ? null : expires,
        }
        const changed = await api.call(keys.change, { params: { id }, body })
        terminal.result(changed, () => textOf(terminal, changed))
      }),
    )
  command
    .command('rotate <id>')
    .description('Makes a new key for the same; the one before is good for some time more.')
    .option('--overlap <duration>', 'how long, such as 2h (default: 1d)', durationArgument)
    .option('--no-overlap', 'the one before is good no more')
    .action((id: string, { overlap }: { readonly overlap?: DurationMs | false }) =>
      shell.withApi(async (api) => {
        const body = { overlapMs: overlap === false ? 0 : overlap }
        const made = await api.call(keys.rotate, { params: { id }, body })
        terminal.result(
          made,
          () =>
            `Added key ${made.id} (${made.label}) in place of ${id}. ${terminal.styled('bold', 'The secret is not shown again.')}\n\n${terminal.styled('cyan', made.secret)}`,
        )
      }),
    )
}

function defineOthers(command: Command, shell: Shell): void {
  const { terminal } = shell
  command
    .command('list')
    .description('Lists keys, of all tenants or of one.')
    .option('--tenant <id>', 'only of this tenant')
    .addOption(stateOption())
    .addOption(sortOption())
    .action(({ tenant, sort, state }: { readonly tenant?: string } & SortOption & StateOption) =>
      shell.withApi(async (api) => {
        const all = await api.all(keys.list, { query: { tenant, sort, state } })
        terminal.result(all, () => listOf(all, state, () => listText(terminal, all)))
      }),
    )
  command
    .command('show <id>')
    .description('Shows a key, but never its secret.')
    .action((id: string) =>
      shell.withApi(async (api) => {
        const key = await api.call(keys.show, { params: { id } })
        terminal.result(key, () => textOf(terminal, key))
      }),
    )
  command
    .command('remove <id>')
    .description('Removes a key; within a second it is good no more.')
    .action((id: string) =>
      shell.withApi(async (api) => {
        const removed = await api.call(keys.remove, { params: { id } })
        terminal.result({ removed }, () => `Removed key ${removed.id} (${removed.label}).`)
      }),
    )
}

function listText(terminal: Terminal, all: readonly keys.KeyAnswer[]): string {
  if (all.length === 0) return 'No key yet. Add one: posthaste key add --label my-app'
  return table(
    terminal,
    ['ID', 'TENANT', 'LABEL', 'SCOPES', 'EXPIRES', 'ADDED', 'LAST USED'],
    all.map(({ id, tenant, label, scopes, expiresAt, createdAt, ...use }) => [
      id,
      tenant ?? 'all',
      label,
      scopes.join(' '),
      expiresAt === null ? 'never' : pointInTime(expiresAt),
      pointInTime(createdAt),
      lastUseInWords(use),
    ]),
  )
}

function textOf(terminal: Terminal, key: keys.KeyAnswer): string {
  return facts(terminal, [
    ['id', key.id],
    ['tenant', key.tenant ?? 'all'],
    ['label', key.label],
    ['scopes', key.scopes.join(', ')],
    ['good from', key.allowedFrom.length === 0 ? 'anywhere' : key.allowedFrom.join(', ')],
    ['expires', key.expiresAt === null ? 'never' : pointInTime(key.expiresAt)],
    ['added', pointInTime(key.createdAt)],
    ['last used', lastUseInWords(key)],
  ])
}
