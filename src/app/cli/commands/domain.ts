// SPDX-License-Identifier: Apache-2.0
/** `posthaste domain add|list|show|change|records|check|rotate|remove`. */
import { readFileSync } from 'node:fs'
import { type Command, Option } from 'commander'
import type { DomainAnswer, DomainWholeAnswer } from '../../../api/resources/domain-fields.ts'
import * as domains from '../../../api/resources/domains.ts'
import { messageOf, RelayError } from '../../../base/errors.ts'
import { type SortOption, type StateOption, sortOption, stateOption } from '../arguments.ts'
import { facts, listOf, pointInTime, printable, table } from '../layout.ts'
import type { Shell } from '../shell.ts'
import type { Terminal } from '../terminal.ts'

interface AddOptions {
  readonly tenant?: string
  readonly returnPath?: string
  readonly key?: string
  readonly selector?: string
}

interface ListOptions {
  readonly tenant?: string
}

interface ChangeOptions extends ListOptions {
  readonly returnPath?: string
  readonly tracking?: string
}

interface RecordsOptions extends ListOptions {
  readonly format: 'zone' | 'json'
}

export function define(command: Command, shell: Shell): void {
  const { terminal } = shell
  command
    .command('add <name>')
    .description('Adds a domain with new DKIM keys, and prints the DNS records to publish.')
    .addOption(tenantOption())
    .option('--return-path <domain>', 'where bounces come back (default: bounce.NAME)')
    .option('--key <file>', 'take over this private key (PEM) in place of new ones')
    .option('--selector <name>', 'of the key that is taken over')
    .action((name: string, options: AddOptions) =>
      shell.withApi(async (api) => {
        const domain = await api.call(domains.add, {
          query: { tenant: options.tenant },
          body: {
            name,
            returnPathDomain: options.returnPath,
            importedKey: importedKeyOf(options),
          },
        })
        terminal.result(domain, () => textOf(terminal, domain))
      }),
    )
  command
    .command('list')
    .description('Lists domains, of all tenants or of one.')
    .option('--tenant <id>', 'only of this tenant')
    .addOption(stateOption())
    .addOption(sortOption())
    .action(({ tenant, sort, state }: ListOptions & SortOption & StateOption) =>
      shell.withApi(async (api) => {
        const all = await api.all(domains.list, { query: { tenant, sort, state } })
        terminal.result(all, () => listOf(all, state, () => listText(terminal, all)))
      }),
    )
  command
    .command('show <name>')
    .description('Shows a domain, its keys and the DNS records to publish.')
    .addOption(tenantOption())
    .action((name: string, { tenant }: ListOptions) =>
      shell.withApi(async (api) => {
        const domain = await api.call(domains.show, { params: { name }, query: { tenant } })
        terminal.result(domain, () => textOf(terminal, domain))
      }),
    )
  command
    .command('change <name>')
    .description('Changes where bounces of a domain come back, and where its links lead.')
    .addOption(tenantOption())
    .option('--return-path <domain>', 'where bounces come back')
    .option('--tracking <domain>', 'where links of its mail lead')
    .action((name: string, { tenant, returnPath, tracking }: ChangeOptions) =>
      shell.withApi(async (api) => {
        const domain = await api.call(domains.change, {
          params: { name },
          query: { tenant },
          body: { returnPathDomain: returnPath, trackingDomain: tracking },
        })
        terminal.result(domain, () => textOf(terminal, domain))
      }),
    )
  command
    .command('records <name>')
    .description('Prints the DNS records to publish, for a zone file or for programs.')
    .addOption(
      new Option('--format <format>', 'how they are written')
        .choices(['zone', 'json'])
        .default('zone'),
    )
    .addOption(tenantOption())
    .action((name: string, { format, tenant }: RecordsOptions) =>
      shell.withApi(async (api) => {
        const { records, zone } = await api.call(domains.records, {
          params: { name },
          query: { tenant },
        })
        terminal.result(records, () =>
          format === 'zone' ? zone : JSON.stringify(records, null, 2),
        )
      }),
    )
  command
    .command('check <name>')
    .description('Asks the DNS now, and shows what is published beside what is expected.')
    .addOption(tenantOption())
    .action((name: string, { tenant }: ListOptions) =>
      shell.withApi(async (api) => {
        const checked = await api.call(domains.check, { params: { name }, query: { tenant } })
        terminal.result(checked, () => checkText(terminal, checked))
        const open = checked.records.filter(({ state }) => state !== 'ok').length
        if (checked.state !== 'verified')
          throw new RelayError(
            'RLY_DOMAIN_NOT_READY',
            `${checked.domain} is ${checked.state}: ${open} of its ${checked.records.length} records are not as they should be`,
          )
      }),
    )
  command
    .command('rotate <name>')
    .description('Makes new DKIM keys, which sign as soon as they are seen in the DNS.')
    .addOption(tenantOption())
    .action((name: string, { tenant }: ListOptions) =>
      shell.withApi(async (api) => {
        const domain = await api.call(domains.rotate, { params: { name }, query: { tenant } })
        terminal.result(domain, () => textOf(terminal, domain))
      }),
    )
  command
    .command('remove <name>')
    .description('Removes a domain and its keys; they cannot be had back.')
    .addOption(tenantOption())
    .action((name: string, { tenant }: ListOptions) =>
      shell.withApi(async (api) => {
        const removed = await api.call(domains.remove, { params: { name }, query: { tenant } })
        terminal.result({ removed }, () => `Removed domain ${removed.name}.`)
      }),
    )
}

function tenantOption(): Option {
  return new Option('--tenant <id>', 'whose (default: the only tenant)')
}

function importedKeyOf({
  key,
  selector,
}: AddOptions): { readonly selector: string; readonly pem: string } | null {
  if (key === undefined && selector === undefined) return null
  if (key === undefined || selector === undefined)
    throw new RelayError('RLY_USAGE', '--key and --selector go together')
  try {
    return { selector, pem: readFileSync(key, 'utf8') }
  } catch (thrown) {
    // Whatever the file system says.
    throw new RelayError('RLY_USAGE', `--key ${key} cannot be read: ${messageOf(thrown)}`, {
      cause: thrown,
    })
  }
}

function textOf(terminal: Terminal, domain: DomainWholeAnswer): string {
  return `${facts(terminal, [
    ['domain', { text: domain.name, style: 'bold' }],
    ['tenant', domain.tenant],
    ['state', stateText(terminal, domain)],
    ['return path', domain.returnPathDomain],
    ['links', domain.trackingDomain],
    ['keys', domain.keys.map(keyText).join(', ')],
    ['added', pointInTime(domain.createdAt)],
  ])}\n\nPublish in the DNS:\n\n${domain.zone}`
}

function keyText({ selector, algorithm, state }: DomainWholeAnswer['keys'][number]): string {
  return `${selector} (${state === 'active' ? algorithm : `${algorithm}, ${state}`})`
}

function listText(terminal: Terminal, all: readonly DomainAnswer[]): string {
  if (all.length === 0) return 'No domain yet. Add one: posthaste domain add example.com'
  return table(
    terminal,
    ['DOMAIN', 'TENANT', 'STATE', 'RETURN PATH', 'ADDED'],
    all.map((domain) => [
      domain.name,
      domain.tenant,
      { text: domain.state, style: domainStyles[domain.state] },
      domain.returnPathDomain,
      pointInTime(domain.createdAt),
    ]),
  )
}

const domainStyles = { pending: 'yellow', verified: 'green', failing: 'red' } as const

function stateText(
  terminal: Terminal,
  { state, stateReason }: Pick<DomainAnswer, 'state' | 'stateReason'>,
): string {
  const text = terminal.styled(domainStyles[state], state)
  return stateReason === null ? text : `${text}: ${stateReason}`
}

const stateStyles = { ok: 'green', missing: 'red', different: 'red', unknown: 'yellow' } as const

function checkText(terminal: Terminal, checked: domains.CheckAnswer): string {
  const { domain, records } = checked
  const heads = records.map(({ about, name, type, state }) => {
    const mark = terminal.styled(stateStyles[state], state.padEnd(9))
    return `${mark} ${about.padEnd(11)} ${name} ${type}`
  })
  const shown = records.map(({ state, expected, published, differsAt, why }, at) => {
    if (state === 'ok') return heads[at]
    return [
      heads[at],
      `${INDENT}${printable(why ?? '')}`,
      `${INDENT}expected   ${expected}`,
      ...(published.length === 0 ? [`${INDENT}published  nothing`] : []),
      ...published.flatMap((text, index) => [
        `${INDENT}published  ${printable(text)}`,
        ...markAt(terminal, state, text, differsAt[index] ?? 0),
      ]),
    ].join('\n')
  })
  return [...shown, '', `${domain} is ${stateText(terminal, checked)}`].join('\n')
}

const INDENT = '          '

/** A line that points to where a value departs from what is expected. */
function markAt(terminal: Terminal, state: string, text: string, at: number): readonly string[] {
  if (state !== 'different') return []
  const before = printable(text.slice(0, at)).length
  return [`${INDENT}           ${' '.repeat(before)}${terminal.styled('red', '^')}`]
}
