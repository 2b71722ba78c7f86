// SPDX-License-Identifier: Apache-2.0
/** `posthaste suppression list|show|add|allow|change|remove|undo|import|export`: whom a tenant does not send to. */
import { type Command, Option } from 'commander'
import type { SuppressionAnswer } from '../../../api/resources/suppression-fields.ts'
import * as suppressions from '../../../api/resources/suppressions.ts'
import { RelayError } from '../../../base/errors.ts'
import { entryReasons } from '../../../records/suppressions/suppression.ts'
import { type SortOption, sortOption, wholeNumber } from '../arguments.ts'
import { pointInTime, table } from '../layout.ts'
import type { Shell } from '../shell.ts'
import type { Terminal } from '../terminal.ts'
import { defineFiles } from './suppression-files.ts'

type Reason = SuppressionAnswer['reason']

interface ScopeOptions {
  readonly tenant?: string
  readonly stream?: string
  readonly list?: string
}

interface AddOptions extends ScopeOptions {
  readonly reason?: Reason
  readonly note?: string
  readonly expires?: string
  readonly address?: boolean
}

interface ListOptions extends ScopeOptions, SortOption {
  readonly reason?: Reason
  readonly domain?: string
  readonly event?: string
  readonly import?: string
  readonly since?: string
  readonly limit: number
}

interface ChangeOptions extends ScopeOptions {
  readonly reason?: Reason
  readonly note?: string
  readonly expires?: string | false
}

interface UndoOptions extends ScopeOptions {
  readonly reason?: Reason[]
  readonly domain?: string
  readonly event?: string
  readonly import?: string
  readonly since?: string
  readonly dryRun?: true
}

const UNDO_HELP = `
Examples:
  posthaste suppression undo --event 0.4711
  posthaste suppression undo --since 2027-01-31T12:00:00Z --domain example.net --dry-run
  posthaste suppression undo --import 5J2K0Q8Z7M3N1P4R

With --since alone only bounces and complaints are taken back: who unsubscribed meant it.`

export function define(command: Command, shell: Shell): void {
  defineLook(command, shell)
  defineAdd(command, shell)
  defineChange(command, shell)
  defineRemove(command, shell)
  defineFiles(command, shell)
}

function defineLook(command: Command, shell: Shell): void {
  const { terminal } = shell
  withScope(command.command('list'))
    .description('Lists entries, the oldest first; with --sort=-id the newest.')
    .addOption(sortOption())
    .addOption(new Option('--reason <reason>', 'only of this reason').choices(entryReasons))
    .option('--domain <name>', 'only addresses at this domain')
    .option('--event <id>', 'only what follows from this event')
    .option('--import <id>', 'only what this import brought')
    .option('--since <time>', 'only what was made then or later')
    .option('--limit <number>', 'at most so many', wholeNumber(1, 500), 100)
    .action((options: ListOptions) =>
      shell.withApi(async (api) => {
        const page = await api.call(suppressions.list, { query: { ...options } })
        terminal.result(page, () => listText(terminal, page.items, page.nextCursor !== null))
      }),
    )
  command
    .command('show <address>')
    .description('Shows all entries of an address.')
    .addOption(tenantOption())
    .action((address: string, { tenant }: ScopeOptions) =>
      shell.withApi(async (api) => {
        const all = await api.all(suppressions.list, { query: { tenant, address } })
        terminal.result(all, () =>
          all.length === 0 ? `Nothing keeps mail from ${address}.` : listText(terminal, all, false),
        )
      }),
    )
}

function defineAdd(command: Command, shell: Shell): void {
  const { terminal } = shell
  const add = (addresses: readonly string[], options: AddOptions, reason: Reason) =>
    shell.withApi(async (api) => {
      const { tenant, stream, list, note, expires } = options
      const entry = { reason, stream, list, note, expiresAt: expires, keepAddress: options.address }
      const result = await api.call(suppressions.add, {
        query: { tenant },
        body: { entries: addresses.map((address) => ({ ...entry, address })) },
      })
      const what = reason === 'allow' ? 'Allowed' : 'Suppressed'
      terminal.result(
        result,
        () =>
          `${what} ${counted(result.added)}${result.known > 0 ? `; ${result.known} already were` : ''}.`,
      )
    })
  withScope(command.command('add <address...>'))
    .description('Keeps mail from addresses, from now on.')
    .addOption(new Option('--reason <reason>', 'why').choices(entryReasons).default('manual'))
    .option('--note <text>', 'a remark for people')
    .option('--expires <time>', 'until then, such as 2027-01-31T00:00:00Z')
    .option('--no-address', 'keep only a hash of the address')
    .action((addresses: string[], options: AddOptions) =>
      add(addresses, options, options.reason ?? 'manual'),
    )
  withScope(command.command('allow <address...>'))
    .description(
      'Outweighs bounces and complaints of addresses, now and later; never an unsubscribe.',
    )
    .option('--note <text>', 'a remark for people')
    .option('--expires <time>', 'until then, such as 2027-01-31T00:00:00Z')
    .action((addresses: string[], options: AddOptions) => add(addresses, options, 'allow'))
}

function defineChange(command: Command, shell: Shell): void {
  const { terminal } = shell
  withScope(command.command('change <address>'))
    .description('Changes the note of an entry, or when it counts no more.')
    .addOption(new Option('--reason <reason>', 'that of this reason').choices(entryReasons))
    .option('--note <text>', 'a remark for people')
    .option('--expires <time>', 'until then, such as 2027-01-31T00:00:00Z')
    .option('--no-expires', 'for good')
    .action((address: string, options: ChangeOptions) =>
      shell.withApi(async (api) => {
        const { tenant, stream, list, reason, note, expires } = options
        const query = { tenant, address, stream, list, reason }
        const [entry, ...others] = await api.all(suppressions.list, { query })
        if (entry === undefined)
          throw new RelayError('RLY_RECORD_UNKNOWN', `there is no such entry of ${address}`)
        if (others.length > 0)
          throw new RelayError(
            'RLY_USAGE',
            `${address} has ${entries(others.length + 1)}: say which with --reason, --stream or --list`,
          )
        const body = { note, expiresAt: expires === false ? null : expires }
        const changed = await api.call(suppressions.change, { params: { id: entry.id }, body })
        terminal.result(changed, () => listText(terminal, [changed], false))
      }),
    )
}

function defineRemove(command: Command, shell: Shell): void {
  const { terminal } = shell
  withScope(command.command('remove <address>'))
    .description('Removes the entries of an address.')
    .addOption(reasonsOption())
    .action((address: string, { tenant, stream, list, reason }: UndoOptions) =>
      shell.withApi(async (api) => {
        const { removed } = await api.call(suppressions.undo, {
          query: { tenant },
          body: { address, stream, list, reasons: reason },
        })
        if (removed === 0)
          throw new RelayError('RLY_RECORD_UNKNOWN', `there is no such entry of ${address}`)
        terminal.result({ removed }, () => `Removed ${entries(removed)} of ${address}.`)
      }),
    )
  withScope(command.command('undo'))
    .description('Takes back what one mistake brought.')
    .option('--event <id>', 'what follows from this event')
    .option('--import <id>', 'what this import brought')
    .option('--since <time>', 'what was made then or later')
    .option('--domain <name>', 'of that only addresses at this domain')
    .addOption(reasonsOption())
    .option('--dry-run', 'only say how many it would be')
    .addHelpText('after', UNDO_HELP)
    .action(({ tenant, reason, ...rest }: UndoOptions) =>
      shell.withApi(async (api) => {
        const body = { ...rest, reasons: reason }
        const result = await api.call(suppressions.undo, { query: { tenant }, body })
        terminal.result(result, () =>
          result.dryRun
            ? `That would remove ${entries(result.removed)}.`
            : `Removed ${entries(result.removed)}.`,
        )
      }),
    )
}

function withScope(command: Command): Command {
  return command
    .addOption(tenantOption())
    .option('--stream <name>', 'about mail of one stream')
    .option('--list <id>', 'about mail of one list: its List-Id')
}

function tenantOption(): Option {
  return new Option('--tenant <id>', 'whose (default: the only tenant)')
}

function reasonsOption(): Option {
  return new Option('--reason <reasons...>', 'only of these reasons').choices(entryReasons)
}

function listText(terminal: Terminal, all: readonly SuppressionAnswer[], hasMore: boolean): string {
  if (all.length === 0)
    return 'No entry. Bounces and complaints make them; so does: posthaste suppression add ADDRESS'
  const text = table(
    terminal,
    ['ADDRESS', 'REASON', 'ABOUT', 'SINCE', 'UNTIL', 'FROM', 'NOTE'],
    all.map((entry) => [
      entry.address ?? '(only its hash is kept)',
      { text: entry.reason, style: entry.reason === 'allow' ? 'green' : 'yellow' },
      entry.name === null ? 'all mail' : `${entry.scope} ${entry.name}`,
      pointInTime(entry.createdAt),
      entry.expiresAt === null ? '' : pointInTime(entry.expiresAt),
      originOf(entry),
      entry.note,
    ]),
  )
  return hasMore ? `${text}\nThere are more: see --limit, or posthaste suppression export` : text
}

function originOf(entry: SuppressionAnswer): string {
  if (entry.sourceEvent !== null) return `event ${entry.sourceEvent}`
  return entry.import === null ? '' : `import ${entry.import}`
}

function counted(count: number): string {
  return count === 1 ? 'one address' : `${count} addresses`
}

function entries(count: number): string {
  return count === 1 ? 'one entry' : `${count} entries`
}
