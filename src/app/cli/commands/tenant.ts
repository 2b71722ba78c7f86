// SPDX-License-Identifier: Apache-2.0
/** `posthaste tenant add|list|show|remove`. */
import type { Command } from 'commander'
import {
  addTenant,
  removeTenant,
  showTenant,
  type TenantView,
} from '../../../records/tenant-service.ts'
import { facts, pointInTime, table } from '../layout.ts'
import { credentialView, domainView, streamView, tenantView } from '../record-views.ts'
import type { Shell } from '../shell.ts'
import type { Terminal } from '../terminal.ts'

interface AddOptions {
  readonly name?: string
}

export function define(command: Command, shell: Shell): void {
  const { terminal } = shell
  command
    .command('add <id>')
    .description('Adds a tenant with two streams, transactional (its default) and bulk.')
    .option('--name <text>', 'for people (default: the id)')
    .action((id: string, { name }: AddOptions) =>
      shell.withRecords(async (records, { retry }) => {
        const view = await addTenant(records, { id, name: name ?? null, retry })
        terminal.result(
          viewOf(view),
          () =>
            `Added tenant ${view.tenant.id}. Next: posthaste credential add --tenant ${view.tenant.id} --label my-app`,
        )
      }),
    )
  command
    .command('list')
    .description('Lists all tenants.')
    .action(() =>
      shell.withRecords(async ({ store }) => {
        const tenants = await store.tenants.list()
        terminal.result(tenants.map(tenantView), () =>
          tenants.length === 0
            ? 'No tenant yet. Add one: posthaste tenant add ID'
            : table(
                terminal,
                ['ID', 'NAME', 'ADDED'],
                tenants.map(({ id, name, createdAt }) => [id, name, pointInTime(createdAt)]),
              ),
        )
      }),
    )
  command
    .command('show <id>')
    .description('Shows a tenant with its streams, domains and credentials.')
    .action((id: string) =>
      shell.withRecords(async ({ store }) => {
        const view = await showTenant(store, id)
        terminal.result(viewOf(view), () => textOf(terminal, view))
      }),
    )
  command
    .command('remove <id>')
    .description('Removes a tenant that has no domains and credentials left.')
    .action((id: string) =>
      shell.withRecords(async (records) => {
        const tenant = await removeTenant(records, id)
        terminal.result({ removed: tenantView(tenant) }, () => `Removed tenant ${tenant.id}.`)
      }),
    )
}

function viewOf({ tenant, streams, domains, credentials }: TenantView) {
  return {
    ...tenantView(tenant),
    streams: streams.map(streamView),
    domains: domains.map(domainView),
    credentials: credentials.map(credentialView),
  }
}

function textOf(terminal: Terminal, { tenant, streams, domains, credentials }: TenantView): string {
  const listed = (names: readonly string[]) => (names.length === 0 ? 'none yet' : names.join(', '))
  return facts(terminal, [
    ['id', tenant.id],
    ['name', tenant.name],
    ['added', pointInTime(tenant.createdAt)],
    [
      'streams',
      listed(streams.map(({ name, isDefault }) => name + (isDefault ? ' (default)' : ''))),
    ],
    ['domains', listed(domains.map(({ name }) => name))],
    ['credentials', listed(credentials.map(({ id, label }) => `${id} (${label})`))],
  ])
}
