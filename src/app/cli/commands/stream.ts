// SPDX-License-Identifier: Apache-2.0
/** `posthaste stream add|change|list|show|remove`. */
import { type Command, Option } from 'commander'
import * as streams from '../../../api/resources/streams.ts'
import type { DurationMs } from '../../../base/brand.ts'
import { formatDuration } from '../../../base/quantity.ts'
import { coldChoices, type WhenCold } from '../../../records/records.ts'
import {
  durationArgument,
  durationsArgument,
  listArgument,
  type SortOption,
  sortOption,
  wholeNumber,
} from '../arguments.ts'
import { facts, pointInTime, table } from '../layout.ts'
import type { Shell } from '../shell.ts'
import type { Terminal } from '../terminal.ts'

interface TenantOption {
  readonly tenant?: string
}

interface ChoiceOptions extends TenantOption {
  readonly pool?: string
  readonly priority?: number
  readonly retryAfter?: readonly DurationMs[]
  readonly expiresAfter?: DurationMs
  readonly shareTransactions?: boolean
  readonly reports?: boolean
  readonly eightBit?: streams.StreamAnswer['eightBit']
  readonly longLines?: streams.StreamAnswer['longLines']
  readonly from?: readonly string[]
  readonly suppressOn?: streams.StreamAnswer['suppressesOn'] | false
  readonly suppressionScope?: streams.StreamAnswer['suppressionScope']
  readonly gate?: streams.StreamAnswer['gate']
  readonly fullMailboxTimes?: number
  readonly fullMailboxDays?: number
  readonly addUnsubscribe?: boolean
  readonly track?: streams.StreamAnswer['tracks'] | false
  readonly forwardReports?: boolean
  readonly keepFailed?: DurationMs
  readonly whenCold?: streams.StreamAnswer['whenCold']
  readonly sandbox?: boolean
}

interface AddOptions extends ChoiceOptions {
  readonly kind: streams.StreamAnswer['kind']
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
      shell.withApi(async (api) => {
        const stream = await api.call(streams.add, {
          query: { tenant: options.tenant },
          body: {
            ...choicesOf(options),
            name,
            kind: options.kind,
            isDefault: options.default,
          },
        })
        shell.terminal.result(
          stream,
          () => `Added stream ${stream.name} of tenant ${stream.tenant}.`,
        )
      }),
    )
}

function defineChange(command: Command, shell: Shell): void {
  withChoices(command.command('change <name>'))
    .description('Changes a stream, for mail that comes from here on. What is not given stays.')
    .option('--default', "in place of the tenant's default stream")
    .action((name: string, options: ChoiceOptions & { readonly default?: true }) =>
      shell.withApi(async (api) => {
        const stream = await api.call(streams.change, {
          params: { name },
          query: { tenant: options.tenant },
          body: { ...choicesOf(options), isDefault: options.default },
        })
        shell.terminal.result(stream, () => textOf(shell.terminal, stream))
      }),
    )
}

function withChoices(command: Command): Command {
  return command
    .addOption(tenantOption())
    .option('--pool <name>', 'by which sources its mail goes (default: those of the tenant)')
    .option('--priority <number>', '0 goes first, 9 last', wholeNumber(0, 9))
    .option('--retry-after <times>', 'waits between attempts, such as 5m,30m,2h', durationsArgument)
    .option('--expires-after <time>', 'when to give up, such as 3d', durationArgument)
    .option('--keep-failed <time>', 'content of failed mail, at most (365d)', durationArgument)
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
    .option(
      '--from <domains>',
      'mail from these goes here where nothing else is said, such as news.example.com,example.org; "" for none',
      listArgument,
    )
    .addOption(
      new Option(
        '--suppress-on <events...>',
        'whose recipients are suppressed (default: both)',
      ).choices(['bounce', 'complaint']),
    )
    .option('--no-suppress-on', 'of no event')
    .addOption(
      new Option(
        '--suppression-scope <scope>',
        'what mail complaints and unsubscribes stop (default: stream)',
      ).choices(['tenant', 'stream']),
    )
    .addOption(
      new Option(
        '--gate <setting>',
        'what comes of mail that receivers would doubt (default: warn)',
      ).choices(['off', 'warn', 'hold', 'reject']),
    )
    .option(
      '--full-mailbox-times <days>',
      'days of which mail found the mailbox full until it is suppressed; 0: never (default: 3)',
      wholeNumber(0, 10),
    )
    .option('--full-mailbox-days <days>', 'within so many (default: 30)', wholeNumber(1, 90))
    .option('--add-unsubscribe', 'messages without a List-Unsubscribe get one that leads here')
    .option('--no-add-unsubscribe', 'they stay as they are (the default)')
    .addOption(
      new Option(
        '--track <what...>',
        'what is counted of messages of one recipient (default: nothing)',
      ).choices(['opens', 'clicks']),
    )
    .option('--no-track', 'nothing')
    .option('--forward-reports', 'bounces that come later go to the reverse-path too')
    .option('--no-forward-reports', 'they do not (the default)')
    .addOption(
      new Option(
        '--when-cold <choice>',
        'where sources in warm-up have no room: wait, overflow (the default of bulk), pass (of transactional)',
      ).choices(coldChoices),
    )
    .option('--sandbox', 'its mail goes to nobody but the simulated receiver')
    .option('--no-sandbox', 'it goes out (the default)')
}

function choicesOf(options: ChoiceOptions) {
  return {
    pool: options.pool,
    priority: options.priority,
    retryAfterMs: options.retryAfter,
    expiresAfterMs: options.expiresAfter,
    keepsFailedMs: options.keepFailed,
    mayShareTransaction: options.shareTransactions,
    sendsReports: options.reports,
    eightBit: options.eightBit,
    longLines: options.longLines,
    fromDomains: options.from,
    suppressesOn: options.suppressOn === false ? [] : options.suppressOn,
    suppressionScope: options.suppressionScope,
    gate: options.gate,
    fullMailboxTimes: options.fullMailboxTimes,
    fullMailboxDays: options.fullMailboxDays,
    addsUnsubscribe: options.addUnsubscribe,
    tracks: options.track === false ? [] : options.track,
    forwardsReports: options.forwardReports,
    whenCold: options.whenCold,
    isSandbox: options.sandbox,
  }
}

function defineOthers(command: Command, shell: Shell): void {
  const { terminal } = shell
  command
    .command('list')
    .description('Lists streams, of all tenants or of one.')
    .option('--tenant <id>', 'only of this tenant')
    .addOption(sortOption())
    .action(({ tenant, sort }: TenantOption & SortOption) =>
      shell.withApi(async (api) => {
        const all = await api.all(streams.list, { query: { tenant, sort } })
        terminal.result(all, () => listText(terminal, all))
      }),
    )
  command
    .command('show <name>')
    .description('Shows a stream.')
    .addOption(tenantOption())
    .action((name: string, { tenant }: TenantOption) =>
      shell.withApi(async (api) => {
        const stream = await api.call(streams.show, { params: { name }, query: { tenant } })
        terminal.result(stream, () => textOf(terminal, stream))
      }),
    )
  command
    .command('remove <name>')
    .description('Removes a stream that is not the default and that no credential uses.')
    .addOption(tenantOption())
    .action((name: string, { tenant }: TenantOption) =>
      shell.withApi(async (api) => {
        const removed = await api.call(streams.remove, { params: { name }, query: { tenant } })
        terminal.result(
          { removed },
          () => `Removed stream ${removed.name} of tenant ${removed.tenant}.`,
        )
      }),
    )
}

function listText(terminal: Terminal, all: readonly streams.StreamAnswer[]): string {
  if (all.length === 0) return 'No stream. A tenant brings two: posthaste tenant add ID'
  return table(
    terminal,
    ['TENANT', 'NAME', 'KIND', 'PRIORITY', 'EXPIRES', 'DEFAULT'],
    all.map(({ tenant, name, kind, priority, expiresAfterMs, isDefault }) => [
      tenant,
      name,
      kind,
      priority,
      formatDuration(expiresAfterMs),
      isDefault ? 'yes' : '',
    ]),
  )
}

function textOf(terminal: Terminal, stream: streams.StreamAnswer): string {
  return facts(terminal, [
    ['tenant', stream.tenant],
    ['name', stream.name],
    ['kind', stream.kind],
    ['priority', `${stream.priority}  (0 goes first)`],
    ['pool', stream.pool],
    ['retries after', stream.retryAfterMs.map(formatDuration).join(', ')],
    ['expires after', formatDuration(stream.expiresAfterMs)],
    ['keeps failed mail', `at most ${formatDuration(stream.keepsFailedMs)}`],
    ['shares transactions', stream.mayShareTransaction ? 'yes' : 'no'],
    ['reports', stream.sendsReports ? 'yes' : 'no'],
    ['8-bit bodies', stream.eightBit],
    ['long lines', stream.longLines],
    ['for mail from', stream.fromDomains.join(', ') || 'any domain'],
    ['suppresses on', stream.suppressesOn.join(', ') || 'nothing'],
    ['suppression scope', stream.suppressionScope],
    ['gate', stream.gate],
    [
      'full mailboxes',
      stream.fullMailboxTimes === 0
        ? 'never suppress'
        : `suppress after ${stream.fullMailboxTimes} days of ${stream.fullMailboxDays}`,
    ],
    ['adds List-Unsubscribe', stream.addsUnsubscribe ? 'yes' : 'no'],
    ['tracks', stream.tracks.join(', ') || 'nothing'],
    ['forwards reports', stream.forwardsReports ? 'yes' : 'no'],
    ['where sources are cold', coldWords[stream.whenCold]],
    ['sandbox', stream.isSandbox ? 'its mail goes to nobody' : null],
    ['default', stream.isDefault ? 'yes' : 'no'],
    ['added', pointInTime(stream.createdAt)],
  ])
}

const coldWords: Record<WhenCold, string> = {
  wait: 'it waits for room in the pool',
  overflow: 'it goes from the overflow pool, else it waits',
  pass: 'it passes beside the allowance, where nothing else has room',
}

function tenantOption(): Option {
  return new Option('--tenant <id>', 'whose (default: the only tenant)')
}
