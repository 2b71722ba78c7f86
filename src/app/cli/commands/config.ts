// SPDX-License-Identifier: Apache-2.0
/** `posthaste config check`: every mistake with its line, before a restart finds it. */
import type { Command } from 'commander'
import { readDirectory } from '../../../records/directory.ts'
import type { Config } from '../../config/config.ts'
import { checkConfig, rejectProblems } from '../../config/load-config.ts'
import { recordProblems } from '../../config/record-problems.ts'
import { openRecords } from '../../records.ts'
import { facts } from '../layout.ts'
import type { Shell } from '../shell.ts'
import type { Terminal } from '../terminal.ts'

export function define(command: Command, shell: Shell): void {
  command
    .command('check')
    .description(
      'Reads the configuration as "serve" would, with the files and tenants that it names, and says what is wrong.',
    )
    .action(async () => {
      const config = checkConfig(shell.configFile())
      await using records = await openRecords(config)
      const directory = await readDirectory(records.store)
      rejectProblems(config, recordProblems(config, directory, records.keyring))
      shell.terminal.result({ file: config.file, valid: true }, (terminal) =>
        report(terminal, config),
      )
    })
}

function report(terminal: Terminal, config: Config): string {
  const { listeners, operations, trusted, sources, routes } = config
  return `${terminal.styled('green', `${config.file} is valid.`)}\n\n${facts(terminal, [
    ['hostname', config.hostname],
    ...listeners.map(({ name, addresses, tls }): [string, string] => [
      name,
      `${addresses.map(({ host, port }) => `${host} port ${port}`).join(', ')}, ${tls}`,
    ]),
    ['operations', `${operations.address.host} port ${operations.address.port}`],
    ['data', config.dataDir],
    ['sources', sources.map(({ name }) => name).join(', ')],
    ['routes', routes.length === 0 ? null : routes.length],
    [
      'trusted',
      trusted.length === 0 ? 'nobody without authentication' : trusted.map(clientText).join(', '),
    ],
  ])}`
}

function clientText({ network, certificate }: Config['trusted'][number]): string {
  const parts = [
    network === null ? [] : [`${network.address}/${network.prefix}`],
    certificate === null ? [] : [`the certificate of ${certificate}`],
  ]
  return parts.flat().join(' with ')
}
