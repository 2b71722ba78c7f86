// SPDX-License-Identifier: Apache-2.0
/** `posthaste credential add|list|show|change|remove`. */
import type { Command } from 'commander'
import * as credentials from '../../../api/resources/credentials.ts'
import { type SortOption, type StateOption, sortOption, stateOption } from '../arguments.ts'
import { facts, lastUseInWords, listOf, pointInTime, table } from '../layout.ts'
import type { Shell } from '../shell.ts'
import type { Terminal } from '../terminal.ts'

interface AddOptions {
  readonly tenant?: string
  readonly label: string
  readonly stream?: string
  readonly scram?: boolean
  readonly sandbox?: true
}

interface ChangeOptions {
  readonly label?: string
  readonly stream?: string | false
  readonly sandbox?: boolean
}

interface ListOptions {
  readonly tenant?: string
}

export function define(command: Command, shell: Shell): void {
  const { terminal } = shell
  command
    .command('add')
    .description('Adds a credential. Its secret is shown once and kept only as a hash.')
    .requiredOption('--label <text>', 'which application has it')
    .option('--tenant <id>', 'whose (default: the only tenant)')
    .option('--stream <name>', "where its mail goes (default: the tenant's default stream)")
    .option(
      '--scram',
      'also for SCRAM-SHA-256, with the id as user name; more is kept of the secret',
    )
    .option('--sandbox', 'mail that comes with it goes to nobody but the simulated receiver')
    .action(({ tenant, label, stream, scram, sandbox }: AddOptions) =>
      shell.withApi(async (api) => {
        const made = await api.call(credentials.add, {
          query: { tenant },
          body: { label, stream, scram, isSandbox: sandbox },
        })
        const servers = await serversOf(shell)
        terminal.result(made, () => howToUse(terminal, made, servers))
      }),
    )
  command
    .command('list')
    .description('Lists credentials, of all tenants or of one.')
    .option('--tenant <id>', 'only of this tenant')
    .addOption(stateOption())
    .addOption(sortOption())
    .action(({ tenant, sort, state }: ListOptions & SortOption & StateOption) =>
      shell.withApi(async (api) => {
        const all = await api.all(credentials.list, { query: { tenant, sort, state } })
        terminal.result(all, () => listOf(all, state, () => listText(terminal, all)))
      }),
    )
  command
    .command('show <id>')
    .description('Shows a credential, but never its secret.')
    .action((id: string) =>
      shell.withApi(async (api) => {
        const credential = await api.call(credentials.show, { params: { id } })
        terminal.result(credential, () => textOf(terminal, credential))
      }),
    )
  command
    .command('change <id>')
    .description('Changes a credential; its secret stays. What is not given stays.')
    .option('--label <text>', 'which application has it')
    .option('--stream <name>', 'where its mail goes')
    .option('--no-stream', "its mail goes to the tenant's default stream")
    .option('--sandbox', 'mail that comes with it goes to nobody but the simulated receiver')
    .option('--no-sandbox', 'it goes out')
    .action((id: string, { label, stream, sandbox }: ChangeOptions) =>
      shell.withApi(async (api) => {
        const body = { label, stream: stream === false ? null : stream, isSandbox: sandbox }
        const changed = await api.call(credentials.change, { params: { id }, body })
        terminal.result(changed, () => textOf(terminal, changed))
      }),
    )
  for (const [name, isDisabled, description] of [
    [
      'disable',
      true,
      'Within a second nobody gets in with a credential, and open sessions hand in nothing more.',
    ],
    ['enable', false, 'A credential that was disabled is good again.'],
  ] as const)
    command
      .command(`${name} <id>`)
      .description(description)
      .action((id: string) =>
        shell.withApi(async (api) => {
          const body = { isDisabled }
          const changed = await api.call(credentials.change, { params: { id }, body })
          const hint = isDisabled
            ? ` Mail of it that is held: posthaste held list --credential ${id}`
            : ''
          terminal.result(
            changed,
            () => `Credential ${changed.id} (${changed.label}) is ${name}d.${hint}`,
          )
        }),
      )
  command
    .command('remove <id>')
    .description('Removes a credential; within a second nobody gets in with it.')
    .action((id: string) =>
      shell.withApi(async (api) => {
        const removed = await api.call(credentials.remove, { params: { id } })
        terminal.result({ removed }, () => `Removed credential ${removed.id} (${removed.label}).`)
      }),
    )
}

const encryption = { starttls: 'STARTTLS', implicit: 'TLS', none: 'no TLS' } as const

/** Where the secret is used; nothing where the relay is a remote one, whose listeners are not known here. */
async function serversOf(shell: Shell): Promise<readonly string[]> {
  if (shell.isRemote) return []
  const { listeners } = await shell.config()
  return listeners.map(
    ({ addresses: [first], tls }) => `${first?.host} port ${first?.port}, ${encryption[tls]}`,
  )
}

function howToUse(
  terminal: Terminal,
  made: credentials.CredentialAnswer & { readonly secret: string },
  servers: readonly string[],
): string {
  const { id, label, secret } = made
  return `Added credential ${id} (${label}). ${terminal.styled('bold', 'The secret is not shown again.')}\n\n${facts(
    terminal,
    [
      ...servers.map((server): [string, string] => ['server', server]),
      ['user name', userNameOf(made)],
      ['password', { text: secret, style: 'cyan' }],
    ],
  )}`
}

/** SCRAM finds the credential by the user name. */
function userNameOf({ id, scram }: credentials.CredentialAnswer): string {
  return scram
    ? `${id}; ${id}/<stream> selects a stream`
    : 'anything; the name of a stream selects it'
}

function listText(terminal: Terminal, all: readonly credentials.CredentialAnswer[]): string {
  if (all.length === 0) return 'No credential yet. Add one: posthaste credential add --label my-app'
  return table(
    terminal,
    ['ID', 'TENANT', 'LABEL', 'STREAM', 'ADDED', 'LAST USED'],
    all.map(({ id, tenant, label, stream, createdAt, ...use }) => [
      id,
      tenant,
      label,
      stream ?? 'default',
      pointInTime(createdAt),
      lastUseInWords(use),
    ]),
  )
}

function textOf(terminal: Terminal, credential: credentials.CredentialAnswer): string {
  return facts(terminal, [
    ['id', credential.id],
    ['tenant', credential.tenant],
    ['label', credential.label],
    ['stream', credential.stream ?? "the tenant's default"],
    ['mechanisms', credential.scram ? 'PLAIN, LOGIN, SCRAM-SHA-256' : 'PLAIN, LOGIN'],
    ['disabled', credential.isDisabled ? 'nobody gets in with it' : null],
    ['sandbox', credential.isSandbox ? 'its mail goes to nobody' : null],
    ['added', pointInTime(credential.createdAt)],
    ['last used', lastUseInWords(credential)],
  ])
}
