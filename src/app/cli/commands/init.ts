// SPDX-License-Identifier: Apache-2.0
/** `posthaste init`: from nothing to an installation that `serve` runs. */
import { hostname as systemHostname } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { parseDomain } from '../../../protocol/mailbox.ts'
import type { Config } from '../../config/config.ts'
import { makeInstallation } from '../../installation.ts'
import { facts } from '../layout.ts'
import { type Shell, usualFiles } from '../shell.ts'
import type { Terminal } from '../terminal.ts'

interface Options {
  readonly dir: string
  readonly hostname: string
  readonly dataDir?: string
}

export function define(command: Command, { terminal }: Shell): void {
  command
    .description(
      'Writes posthaste.toml, a key file and a self-signed certificate, makes the data directory, the tenant "default" and a first key for the HTTP API. Overwrites nothing.',
    )
    .option('--dir <folder>', 'for configuration, key file and certificate', '.')
    .option(
      '--hostname <name>',
      'full name of this host, as receivers see it',
      hostNameArgument,
      hostNameArgument(systemHostname()),
    )
    .option('--data-dir <folder>', 'for mail, events and records (default: data in --dir)')
    .action(async ({ dir, hostname, dataDir }: Options) => {
      const { config, adminKey } = await makeInstallation({
        folder: dir,
        hostname,
        dataDir: dataDir ?? join(dir, 'data'),
      })
      const { file, keyFile } = config
      terminal.result(
        {
          config: file,
          keyFile,
          certificate: config.certificates[0]?.cert,
          dataDir: config.dataDir,
          adminKey: { id: adminKey.key.id, secret: adminKey.secret },
        },
        () => `${whatWasMade(terminal, config, adminKey.secret)}\n\n${whatNext(terminal, config)}`,
      )
    })
}

function whatWasMade(terminal: Terminal, config: Config, adminKey: string): string {
  return `Made an installation for ${terminal.styled('bold', config.hostname)}:\n\n${facts(
    terminal,
    [
      ['configuration', config.file],
      ['key file', `${config.keyFile}  (seals secrets: back it up apart from the data)`],
      ['certificate', `${config.certificates[0]?.cert}  (self-signed, for 825 days)`],
      ['data', config.dataDir],
      ['tenant', 'default  (with the streams transactional and bulk)'],
      ['admin key', `${adminKey}  (for the HTTP API; shown this once)`],
    ],
  )}`
}

function whatNext(terminal: Terminal, { file, hostname }: Config): string {
  const isUsual = usualFiles.some((usual) => resolve(usual) === file)
  const named = isUsual ? '' : ` --config ${relative('', file)}`
  const warning = hostname.includes('.')
    ? ''
    : `\n\n${terminal.styled('yellow', `"${hostname}" is not a full name: receivers refuse mail from such a host. Change hostname in the configuration.`)}`
  return `Next:\n\n${facts(terminal, [
    ['sign your mail', `posthaste domain add YOUR-DOMAIN${named}`],
    ['let an application in', `posthaste credential add --label my-app${named}`],
    ['let yourself in', `posthaste person add YOUR-ADDRESS --role owner --installation${named}`],
    ['start', `posthaste serve${named}`],
  ])}${warning}`
}

function hostNameArgument(text: string): string {
  const domain = parseDomain(text)
  if (domain === null || domain.startsWith('['))
    throw new InvalidArgumentError('Expected a host name such as relay.example.com.')
  return domain
}
