// SPDX-License-Identifier: Apache-2.0
/** `posthaste credential add|list|show|remove`. */
import type { Command } from 'commander'
import {
  addCredential,
  removeCredential,
  showCredential,
} from '../../../records/credential-service.ts'
import type { Credential } from '../../../records/records.ts'
import { tenantNamed } from '../../../records/tenant-service.ts'
import type { Config } from '../../config/config.ts'
import { facts, pointInTime, table } from '../layout.ts'
import { credentialView } from '../record-views.ts'
import type { Shell } from '../shell.ts'
import type { Terminal } from '../terminal.ts'

interface AddOptions {
  readonly tenant?: string
  readonly label: string
  readonly stream?: string
  readonly scram?: boolean
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
    .action(({ tenant, label, stream, scram }: AddOptions) =>
      shell.withRecords(async (records, config) => {
        const { credential, secret } = await addCredential(records, {
          tenant: tenant ?? null,
          label,
          stream: stream ?? null,
          withScram: scram ?? false,
        })
        terminal.result({ ...credentialView(credential), secret }, () =>
          howToUse(terminal, credential, secret, config),
        )
      }),
    )
  command
    .command('list')
    .description('Lists credentials, of all tenants or of one.')
    .option('--tenant <id>', 'only of this tenant')
    .action(({ tenant }: ListOptions) =>
      shell.withRecords(async ({ store }) => {
        const only = tenant === undefined ? null : await tenantNamed(store, tenant)
        const credentials = (await store.credentials.list()).filter(
          (credential) => only === null || credential.tenant === only.id,
        )
        terminal.result(credentials.map(credentialView), () => listText(terminal, credentials))
      }),
    )
  command
    .command('show <id>')
    .description('Shows a credential, but never its secret.')
    .action((id: string) =>
      shell.withRecords(async ({ store }) => {
        const credential = await showCredential(store, id)
        terminal.result(credentialView(credential), () => textOf(terminal, credential))
      }),
    )
  command
    .command('remove <id>')
    .description('Removes a credential; within a second nobody gets in with it.')
    .action((id: string) =>
      shell.withRecords(async (records) => {
        const credential = await removeCredential(records, id)
        terminal.result(
          { removed: credentialView(credential) },
          () => `Removed credential ${credential.id} (${credential.label}).`,
        )
      }),
    )
}

const encryption = { starttls: 'STARTTLS', implicit: 'TLS', none: 'no TLS' } as const

function howToUse(
  terminal: Terminal,
  credential: Credential,
  secret: string,
  { listeners }: Config,
): string {
  return `Added credential ${credential.id} (${credential.label}). ${terminal.styled('bold', 'The secret is not shown again.')}\n\n${facts(
    terminal,
    [
      ...listeners.map(({ addresses: [first], tls }): [string, string] => [
        'server',
        `${first?.host} port ${first?.port}, ${encryption[tls]}`,
      ]),
      ['user name', userNameOf(credential)],
      ['password', { text: secret, style: 'cyan' }],
    ],
  )}`
}

/** SCRAM finds the credential by the user name. */
function userNameOf({ id, sealedScram }: Credential): string {
  return sealedScram === null
    ? 'anything; the name of a stream selects it'
    : `${id}; ${id}/<stream> selects a stream`
}

function listText(terminal: Terminal, credentials: readonly Credential[]): string {
  if (credentials.length === 0)
    return 'No credential yet. Add one: posthaste credential add --label my-app'
  return table(
    terminal,
    ['ID', 'TENANT', 'LABEL', 'STREAM', 'ADDED'],
    credentials.map(({ id, tenant, label, stream, createdAt }) => [
      id,
      tenant,
      label,
      stream ?? 'default',
      pointInTime(createdAt),
    ]),
  )
}

function textOf(terminal: Terminal, credential: Credential): string {
  return facts(terminal, [
    ['id', credential.id],
    ['tenant', credential.tenant],
    ['label', credential.label],
    ['stream', credential.stream ?? "the tenant's default"],
    [
      'mechanisms',
      credential.sealedScram === null ? 'PLAIN, LOGIN' : 'PLAIN, LOGIN, SCRAM-SHA-256',
    ],
    ['added', pointInTime(credential.createdAt)],
  ])
}
