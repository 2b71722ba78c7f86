// SPDX-License-Identifier: Apache-2.0
/** `posthaste config check`: every mistake with its line, before a restart finds it. */
import type { Command } from 'commander'
import { placeText } from '../../../platform/postgres/place.ts'
import type { ShapingRules } from '../../../queue/shaping/rules.ts'
import { readDirectory } from '../../../records/directory.ts'
import type { Config } from '../../config/config.ts'
import { checkConfig, rejectProblems } from '../../config/load-config.ts'
import {
  poolRecordProblems,
  recordProblems,
  suppressionProblems,
} from '../../config/record-problems.ts'
import { readShaping } from '../../config/shaping-files.ts'
import { readWarmUpRules } from '../../config/warm-up-files.ts'
import { openRecords } from '../../records.ts'
import { systemAdvice } from '../../system-advice.ts'
import { readSystemFacts } from '../../system-facts.ts'
import { facts } from '../layout.ts'
import type { Shell } from '../shell.ts'
import type { Terminal } from '../terminal.ts'
import { workersArgument } from '../workers-argument.ts'

export function define(command: Command, shell: Shell): void {
  command
    .command('check')
    .description(
      'Reads the configuration as "serve" would, with the files and tenants that it names, and says what is wrong; and what the system should allow.',
    )
    .option('--workers <count>', 'as "serve" will get it; "auto": one a core', workersArgument, 1)
    .action(async ({ workers }: { readonly workers: number }) => {
      const config = checkConfig(shell.configFile())
      const shaping = readShaping(config)
      readWarmUpRules(config)
      await using records = await openRecords(config)
      const directory = await readDirectory(records.store)
      rejectProblems(config, [
        ...recordProblems(config, directory, records.keyring),
        ...poolRecordProblems(config, directory),
        ...(await suppressionProblems(records.store, records.keyring)),
      ])
      const advice = systemAdvice(config, workers, readSystemFacts())
      shell.terminal.result({ file: config.file, valid: true, advice }, (terminal) =>
        [report(terminal, config, shaping), ...advice.map((each) => `Advice: ${each}.`)].join(
          '\n\n',
        ),
      )
    })
}

function report(terminal: Terminal, config: Config, shaping: ShapingRules): string {
  const { listeners, operations, trusted, sources, routes, store } = config
  return `${terminal.styled('green', `${config.file} is valid.`)}\n\n${facts(terminal, [
    ['hostname', config.hostname],
    ...listeners.map(({ name, addresses, tls }): [string, string] => [
      name,
      `${addresses.map(({ host, port }) => `${host} port ${port}`).join(', ')}, ${tls}`,
    ]),
    ['operations', `${operations.address.host} port ${operations.address.port}`],
    ['data', config.dataDir],
    [
      'records',
      store.postgres && `PostgreSQL at ${placeText(store.postgres)}, schema ${store.schema}`,
    ],
    ['sources', sources.map(({ name }) => name).join(', ')],
    ['routes', routes.length === 0 ? null : routes.length],
    [
      'shaping',
      `${shaping.all.length} rules${config.delivery.shaping === null ? '' : `, those in ${config.delivery.shaping} last`}`,
    ],
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
