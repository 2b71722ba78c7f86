// SPDX-License-Identifier: Apache-2.0
/** `posthaste tenant add|list|show|change|remove|standing`. */
import type { Command } from 'commander'
import * as tenants from '../../../api/resources/tenants.ts'
import { type SortOption, sortOption } from '../arguments.ts'
import { facts, pointInTime, table } from '../layout.ts'
import type { Shell } from '../shell.ts'
import type { Terminal } from '../terminal.ts'
import { defineStanding } from './tenant-standing.ts'

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
      shell.withApi(async (api) => {
        const tenant = await api.call(tenants.add, { body: { id, name } })
        terminal.result(
          tenant,
          () =>
            `Added tenant ${tenant.id}. Next: posthaste credential add --tenant ${tenant.id} --label my-app`,
        )
      }),
    )
  command
    .command('list')
    .description('Lists all tenants.')
    .addOption(sortOption())
    .action(({ sort }: SortOption) =>
      shell.withApi(async (api) => {
        const all = await api.all(tenants.list, { query: { sort } })
        terminal.result(all, () =>
          all.length === 0
            ? 'No tenant yet. Add one: posthaste tenant add ID'
            : table(
                terminal,
                ['ID', 'NAME', 'ADDED'],
                all.map(({ id, name, createdAt }) => [id, name, pointInTime(createdAt)]),
              ),
        )
      }),
    )
  command
    .command('show <id>')
    .description('Shows a tenant with its streams, domains, credentials and keys.')
    .action((id: string) =>
      shell.withApi(async (api) => {
        const tenant = await api.call(tenants.show, { params: { id } })
        terminal.result(tenant, () => textOf(terminal, tenant))
      }),
    )
  command
    .command('change <id>')
    .description('Changes what people call a tenant.')
    .requiredOption('--name <text>', 'for people')
    .action((id: string, { name }: AddOptions) =>
      shell.withApi(async (api) => {
        const tenant = await api.call(tenants.change, { params: { id }, body: { name } })
        terminal.result(tenant, () => textOf(terminal, tenant))
      }),
    )
  command
    .command('remove <id>')
    .description('Removes a tenant that has no domains, credentials and keys left.')
    .action((id: string) =>
      shell.withApi(async (api) => {
        const removed = await api.call(tenants.remove, { params: { id } })
        terminal.result({ removed }, () => `Removed tenant ${removed.id}.`)
      }),
    )
  defineStanding(command, shell)
}

function textOf(terminal: Terminal, tenant: tenants.TenantWholeAnswer): string {
  const listed = (names: readonly string[]) => (names.length === 0 ? 'none yet' : names.join(', '))
  return facts(terminal, [
    ['id', tenant.id],
    ['name', tenant.name],
    ['added', pointInTime(tenant.createdAt)],
    ['streams', listed(tenant.streams)],
    ['default stream', tenant.defaultStream ?? 'none'],
    ['domains', listed(tenant.domains)],
    ['credentials', listed(tenant.credentials)],
    ['keys', listed(tenant.keys)],
  ])
}
