// SPDX-License-Identifier: Apache-2.0
/** `posthaste person add|list|show|change|disable|enable|reset-password|remove`: who logs in, and what they may do. */
import { type Command, Option } from 'commander'
import * as people from '../../../api/resources/people.ts'
import { type Role, roles } from '../../../records/people/role.ts'
import { type SortOption, type StateOption, sortOption, stateOption } from '../arguments.ts'
import { facts, listOf, pointInTime, table } from '../layout.ts'
import type { Shell } from '../shell.ts'
import type { Terminal } from '../terminal.ts'

interface AddOptions {
  readonly role: Role
  readonly name?: string
  readonly tenant?: string
  readonly installation?: true
}

interface TenantOption {
  readonly tenant?: string
}

interface ChangeOptions extends TenantOption {
  readonly role?: Role
  readonly name?: string
}

const OF_TENANT = ['--tenant <id>', 'of this tenant'] as const

export function define(command: Command, shell: Shell): void {
  defineAdd(command, shell)
  defineLooks(command, shell)
  defineChanges(command, shell)
  defineEnds(command, shell)
}

function defineAdd(command: Command, shell: Shell): void {
  const { terminal } = shell
  command
    .command('add <address>')
    .description('Adds a person and prints a link, good once, that sets their password.')
    .addOption(new Option('--role <name>', 'what they may do').choices(roles).makeOptionMandatory())
    .option('--name <text>', 'for people (default: the address)')
    .option('--tenant <id>', 'whose (default: the only tenant)')
    .option('--installation', 'a person of the installation, who reaches every tenant')
    .action((email: string, { installation, name, role, tenant }: AddOptions) =>
      shell.withApi(async (api) => {
        const body = { email, name, role, ofInstallation: installation }
        const added = await api.call(people.add, { query: { tenant }, body })
        terminal.result(
          added,
          () => `Added ${added.email} (${added.role}).\n\n${invitationText(terminal, added)}`,
        )
      }),
    )
}

function defineLooks(command: Command, shell: Shell): void {
  const { terminal } = shell
  command
    .command('list')
    .description('Lists people, of all tenants or of one.')
    .option('--tenant <id>', 'only of this tenant')
    .addOption(stateOption())
    .addOption(sortOption())
    .action(({ tenant, sort, state }: TenantOption & SortOption & StateOption) =>
      shell.withApi(async (api) => {
        const all = await api.all(people.list, { query: { tenant, sort, state } })
        terminal.result(all, () => listOf(all, state, () => listText(terminal, all)))
      }),
    )
  command
    .command('show <person>')
    .description('Shows a person, by id or address.')
    .option(...OF_TENANT)
    .action((id: string, { tenant }: TenantOption) =>
      shell.withApi(async (api) => {
        const person = await api.call(people.show, { params: { id }, query: { tenant } })
        terminal.result(person, () => textOf(terminal, person))
      }),
    )
}

function defineChanges(command: Command, shell: Shell): void {
  const change = (id: string, { tenant }: TenantOption, body: object, said: string) =>
    shell.withApi(async (api) => {
      const person = await api.call(people.change, { params: { id }, query: { tenant }, body })
      shell.terminal.result(person, () => `${person.email} ${said}`)
    })
  command
    .command('change <person>')
    .description(
      'Changes what a person is called, or may do; with another role their sessions end.',
    )
    .option(...OF_TENANT)
    .addOption(new Option('--role <role>', 'what they may do').choices(roles))
    .option('--name <text>', 'what they are called')
    .action((id: string, { role, name, ...options }: ChangeOptions) =>
      change(id, options, { role, name }, 'is changed.'),
    )
  command
    .command('disable <person>')
    .description('Lets a person in no more; their sessions end.')
    .option(...OF_TENANT)
    .action((id: string, options: TenantOption) =>
      change(id, options, { isDisabled: true }, 'may log in no more.'),
    )
  command
    .command('enable <person>')
    .description('Lets a disabled person in again.')
    .option(...OF_TENANT)
    .action((id: string, options: TenantOption) =>
      change(id, options, { isDisabled: false }, 'may log in again.'),
    )
}

function defineEnds(command: Command, shell: Shell): void {
  const { terminal } = shell
  command
    .command('reset-password <person>')
    .description('Takes a password away, ends all sessions, and prints a link that sets another.')
    .option('--second-factor', 'the second factor goes as well: the device is lost')
    .option(...OF_TENANT)
    .action((id: string, options: TenantOption & { readonly secondFactor?: true }) =>
      shell.withApi(async (api) => {
        const { secondFactor, tenant } = options
        const input = { params: { id }, query: { tenant }, body: { secondFactor } }
        const reset = await api.call(people.reset, input)
        terminal.result(
          reset,
          () => `${reset.email} has no password now.\n\n${invitationText(terminal, reset)}`,
        )
      }),
    )
  command
    .command('remove <person>')
    .description('Removes a person; their sessions end.')
    .option(...OF_TENANT)
    .action((id: string, { tenant }: TenantOption) =>
      shell.withApi(async (api) => {
        const removed = await api.call(people.remove, { params: { id }, query: { tenant } })
        terminal.result({ removed }, () => `Removed ${removed.email}.`)
      }),
    )
}

function invitationText(
  terminal: Terminal,
  { link, linkExpiresAt, token }: people.InvitationAnswer,
) {
  const shown =
    link === null
      ? `This token sets the password once, with POST /api/v1/session/set-password (login.url in the configuration makes links of it):\n\n${terminal.styled('cyan', token)}`
      : `This link sets the password once:\n\n${terminal.styled('cyan', link)}`
  return `${shown}\n\nGive it to nobody else; it is good until ${pointInTime(linkExpiresAt)} and not shown again.`
}

function listText(terminal: Terminal, all: readonly people.PersonAnswer[]): string {
  if (all.length === 0)
    return 'Nobody yet. Add an owner: posthaste person add you@example.com --role owner --installation'
  return table(
    terminal,
    ['ID', 'TENANT', 'ADDRESS', 'ROLE', 'LOGS IN', 'LAST'],
    all.map((person) => [
      person.id,
      person.tenant ?? 'all',
      person.email,
      person.role,
      howOf(person),
      person.loggedInAt === null ? 'never' : pointInTime(person.loggedInAt),
    ]),
  )
}

function howOf({ hasPassword, hasSecondFactor, isDisabled, oidcIssuer }: people.PersonAnswer) {
  if (isDisabled) return 'disabled'
  const ways = [
    ...(hasPassword ? [hasSecondFactor ? 'password and code' : 'password'] : []),
    ...(oidcIssuer === null ? [] : ['OIDC']),
  ]
  return ways.length === 0 ? 'not yet' : ways.join(', ')
}

function textOf(terminal: Terminal, person: people.PersonAnswer): string {
  return facts(terminal, [
    ['id', person.id],
    ['address', person.email],
    ['name', person.name],
    ['tenant', person.tenant ?? 'all'],
    ['role', person.role],
    ['logs in', howOf(person)],
    ['provider', person.oidcIssuer ?? 'none'],
    ['added', pointInTime(person.createdAt)],
    ['last login', person.loggedInAt === null ? 'never' : pointInTime(person.loggedInAt)],
  ])
}
