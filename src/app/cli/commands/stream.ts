// SPDX-License-Identifier: Apache-2.0
/** `posthaste stream add|change|list|show|remove`. */
import { type Command, Option } from 'commander'
import type { DurationMs } from '../../../base/brand.ts'
import { formatDuration } from '../../../base/quantity.ts'
import type { Stream } from '../../../records/records.ts'
import {
  addStream,
  changeStream,
  removeStream,
  type StreamChoices,
  showStream,
} from '../../../records/stream-service.ts'
import { tenantNamed } from '../../../records/tenant-service.ts'
import { durationArgument, durationsArgument, wholeNumber } from '../arguments.ts'
import { facts, pointInTime, table } from '../layout.ts'
import { streamView } from '../record-views.ts'
import type { Shell } from '../shell.ts'
import type { Terminal } from '../terminal.ts'

interface TenantOption {
  readonly tenant?: string
}

interface ChoiceOptions extends TenantOption {
  readonly priority?: number
  readonly retryAfter?: readonly DurationMs[]
  readonly expiresAfter?: DurationMs
  readonly shareTransactions?: boolean
  readonly reports?: boolean
  readonly eightBit?: Stream['eightBit']
  readonly longLines?: Stream['longLines']
}

interface AddOptions extends ChoiceOptions {
  readonly kind: Stream['kind']
  readonly default?: true
}

export function define(command: Command, shell: Shell): void {
  defineAdd(command, shell)
  defineChange(command, shell)
  defineOthers(command, shell)
}

function defineAdd(command: Command, shell: Shell): void {
  withChoices(command.command('add <name>'))
    .description('Adds a stream. What is not given is taken from its kind and the configuration.')
    .addOption(
      new Option('--kind <kind>', 'what sort of mail it is')
        .choices(['transactional', 'bulk'])
        .makeOptionMandatory(),
    )
    .option('--default', 'for mail that names no stream')
    .action((name: string, options: AddOptions) =>
      shell.withRecords(async (records, { retry }) => {
        const stream = await addStream(records, {
          ...choicesOf(options),
          tenant: options.tenant ?? null,
          name,
          kind: options.kind,
          isDefault: options.default ?? false,
          retry,
        })
        shell.terminal.result(
          streamView(stream),
          () => `Added stream ${stream.name} of tenant ${stream.tenant}.`,
        )
      }),
    )
}

function defineChange(command: Command, shell: Shell): void {
  withChoices(command.command('change <name>'))
    .description('Changes a stream, for mail that comes from here on. What is not given stays.')
    .action((name: string, options: ChoiceOptions) =>
      shell.withRecords(async (records) => {
        const choices = choicesOf(options)
        const stream = await changeStream(records, options.tenant ?? null, name, choices)
        shell.terminal.result(streamView(stream), () => textOf(shell.terminal, stream))
      }),
    )
}

function withChoices(command: Command): Command {
  return command
    .addOption(tenantOption())
    .option('--priority <number>', '0 goes first, 9 last', wholeNumber(0, 9))
    .option('--retry-after <times>', 'waits between attempts, such as 5m,30m,2h', durationsArgument)
    .option('--expires-after <time>', 'when to give up, such as 3d', durationArgument)
    .option('--share-transactions', 'recipients of one message may share a transaction')
    .option('--no-share-transactions', 'they do not (the default)')
    .option('--reports', 'submitters get delivery reports (the default of transactional)')
    .option('--no-reports', 'they get none (the default of bulk)')
    .addOption(
      new Option('--eight-bit <policy>', 'what comes of 8-bit bodies (default: keep)').choices([
        'keep',
        'quoted-printable',
      ]),
    )
    .addOption(
      new Option('--long-lines <policy>', 'and of lines over 998 octets (default: fold)').choices([
        'fold',
        'refuse',
      ]),
    )
}

function choicesOf(options: ChoiceOptions): StreamChoices {
  return {
    priority: options.priority ?? null,
    retryAfter: options.retryAfter ?? null,
    expiresAfter: options.expiresAfter ?? null,
    mayShareTransaction: options.shareTransactions ?? null,
    sendsReports: options.reports ?? null,
    eightBit: options.eightBit ?? null,
    longLines: options.longLines ?? null,
  }
}

function defineOthers(command: Command, shell: Shell): void {
  const { terminal } = shell
  command
    .command('list')
    .description('Lists streams, of all tenants or of one.')
    .option('--tenant <id>', 'only of this tenant')
    .action(({ tenant }: TenantOption) =>
      shell.withRecords(async ({ store }) => {
        const only = tenant === undefined ? null : await tenantNamed(store, tenant)
        const streams = (await store.streams.list()).filter(
          (stream) => only === null || stream.tenant === only.id,
        )
        terminal.result(streams.map(streamView), () => listText(terminal, streams))
      }),
    )
  command
    .command('show <name>')
    .description('Shows a stream.')
    .addOption(tenantOption())
    .action((name: string, { tenant }: TenantOption) =>
      shell.withRecords(async ({ store }) => {
        const stream = await showStream(store, tenant ?? null, name)
        terminal.result(streamView(stream), () => textOf(terminal, stream))
      }),
    )
  command
    .command('remove <name>')
    .description('Removes a stream that is not the default and that no credential uses.')
    .addOption(tenantOption())
    .action((name: string, { tenant }: TenantOption) =>
      shell.withRecords(async (records) => {
        const stream = await removeStream(records, tenant ?? null, name)
        terminal.result(
          { removed: streamView(stream) },
          () => `Removed stream ${stream.name} of tenant ${stream.tenant}.`,
        )
      }),
    )
}

function listText(terminal: Terminal, streams: readonly Stream[]): string {
  if (streams.length === 0) return 'No stream. A tenant brings two: posthaste tenant add ID'
  return table(
    terminal,
    ['TENANT', 'NAME', 'KIND', 'PRIORITY', 'EXPIRES', 'DEFAULT'],
    streams.map(({ tenant, name, kind, priority, expiresAfter, isDefault }) => [
      tenant,
      name,
      kind,
      priority,
      formatDuration(expiresAfter),
      isDefault ? 'yes' : '',
    ]),
  )
}

function textOf(terminal: Terminal, stream: Stream): string {
  return facts(terminal, [
    ['tenant', stream.tenant],
    ['name', stream.name],
    ['kind', stream.kind],
    ['priority', `${stream.priority}  (0 goes first)`],
    ['pool', stream.pool],
    ['retries after', stream.retryAfter.map(formatDuration).join(', ')],
    ['expires after', formatDuration(stream.expiresAfter)],
    ['shares transactions', stream.mayShareTransaction ? 'yes' : 'no'],
    ['reports', stream.sendsReports ? 'yes' : 'no'],
    ['8-bit bodies', stream.eightBit],
    ['long lines', stream.longLines],
    ['default', stream.isDefault ? 'yes' : 'no'],
    ['added', pointInTime(stream.createdAt)],
  ])
}

function tenantOption(): Option {
  return new Option('--tenant <id>', 'whose (default: the only tenant)')
}
