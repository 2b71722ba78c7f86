// SPDX-License-Identifier: Apache-2.0
/** `posthaste domain add|list|show|remove`. */
import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { messageOf, RelayError } from '../../../base/errors.ts'
import { type SendingHost, zoneText } from '../../../records/dns-records.ts'
import {
  addDomain,
  type DomainView,
  type NewDomain,
  removeDomain,
  showDomain,
} from '../../../records/domain-service.ts'
import type { SendingDomain } from '../../../records/records.ts'
import { tenantNamed } from '../../../records/tenant-service.ts'
import type { Config } from '../../config/config.ts'
import { facts, pointInTime, table } from '../layout.ts'
import { domainView, keyView } from '../record-views.ts'
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

export function define(command: Command, shell: Shell): void {
  const { terminal } = shell
  command
    .command('add <name>')
    .description('Adds a domain with new DKIM keys, and prints the DNS records to publish.')
    .option('--tenant <id>', 'whose (default: the only tenant)')
    .option('--return-path <domain>', 'where bounces come back (default: bounce.NAME)')
    .option('--key <file>', 'take over this private key (PEM) in place of new ones')
    .option('--selector <name>', 'of the key that is taken over')
    .action((name: string, options: AddOptions) =>
      shell.withRecords(async (records, config) => {
        const input: NewDomain = {
          tenant: options.tenant ?? null,
          name,
          returnPathDomain: options.returnPath ?? null,
          importedKey: importedKeyOf(options),
        }
        const view = await addDomain(records, input, hostOf(config))
        terminal.result(viewOf(view), () => textOf(terminal, view))
      }),
    )
  command
    .command('list')
    .description('Lists domains, of all tenants or of one.')
    .option('--tenant <id>', 'only of this tenant')
    .action(({ tenant }: ListOptions) =>
      shell.withRecords(async ({ store }) => {
        const only = tenant === undefined ? null : await tenantNamed(store, tenant)
        const domains = (await store.domains.list()).filter(
          (domain) => only === null || domain.tenant === only.id,
        )
        terminal.result(domains.map(domainView), () => listText(terminal, domains))
      }),
    )
  command
    .command('show <name>')
    .description('Shows a domain, its keys and the DNS records to publish.')
    .option('--zone', 'only the DNS records, as lines for a zone file')
    .action((name: string, { zone }: { readonly zone?: true }) =>
      shell.withRecords(async ({ store }, config) => {
        const view = await showDomain(store, name, hostOf(config))
        terminal.result(viewOf(view), () => (zone ? zoneText(view.dns) : textOf(terminal, view)))
      }),
    )
  command
    .command('remove <name>')
    .description('Removes a domain and its keys; they cannot be had back.')
    .action((name: string) =>
      shell.withRecords(async (records) => {
        const domain = await removeDomain(records, name)
        terminal.result({ removed: domainView(domain) }, () => `Removed domain ${domain.name}.`)
      }),
    )
}

function hostOf({ hostname, sources }: Config): SendingHost {
  const addresses = sources.flatMap(({ localAddress }) => localAddress ?? [])
  return { hostname, addresses: addresses.length === sources.length ? addresses : [] }
}

function importedKeyOf({ key, selector }: AddOptions): NewDomain['importedKey'] {
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

function viewOf({ domain, keys, dns }: DomainView) {
  return { ...domainView(domain), keys: keys.map(keyView), dns, zone: zoneText(dns) }
}

function textOf(terminal: Terminal, { domain, keys, dns }: DomainView): string {
  return `${facts(terminal, [
    ['domain', { text: domain.name, style: 'bold' }],
    ['tenant', domain.tenant],
    ['return path', domain.returnPathDomain],
    ['keys', keys.map(({ selector, algorithm }) => `${selector} (${algorithm})`).join(', ')],
    ['added', pointInTime(domain.createdAt)],
  ])}\n\nPublish in the DNS:\n\n${zoneText(dns)}`
}

function listText(terminal: Terminal, domains: readonly SendingDomain[]): string {
  if (domains.length === 0) return 'No domain yet. Add one: posthaste domain add example.com'
  return table(
    terminal,
    ['DOMAIN', 'TENANT', 'RETURN PATH', 'ADDED'],
    domains.map(({ name, tenant, returnPathDomain, createdAt }) => [
      name,
      tenant,
      returnPathDomain,
      pointInTime(createdAt),
    ]),
  )
}
