// SPDX-License-Identifier: Apache-2.0
/** `posthaste store copy`: from the file of records into the PostgreSQL that the configuration names. */
import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { RelayError } from '../../../base/errors.ts'
import { controlSocketFile, storeFile } from '../../data-files.ts'
import { postgresOptions } from '../../postgres-options.ts'
import { table } from '../layout.ts'
import type { Shell } from '../shell.ts'

const COPY_HELP = `
Stop the relay, name the PostgreSQL in [store] of the configuration, run this, start the relay. The file stays as it is: without
the name in [store] the relay uses it again, as it was then.`

export function define(command: Command, shell: Shell): void {
  command
    .command('copy')
    .description('Copies all records of the file into an empty PostgreSQL: all of them or none.')
    .addHelpText('after', COPY_HELP)
    .action(() => copy(shell))
}

async function copy(shell: Shell): Promise<void> {
  const config = await shell.config()
  const options = postgresOptions(config)
  if (options === null)
    throw new RelayError(
      'RLY_USAGE',
      `where to? ${config.file} names no PostgreSQL: set postgres in [store]`,
    )
  const file = storeFile(config.dataDir)
  if (!existsSync(file))
    throw new RelayError(
      'RLY_DATA_DIR_MISSING',
      `there are no records to copy: ${file} is not there`,
    )
  const { isAnswering } = await import('../api-access.ts')
  if (await isAnswering(controlSocketFile(config.dataDir)))
    throw new RelayError(
      'RLY_DATA_DIR_IN_USE',
      'a relay runs with these records, and what it writes meanwhile would be lost: stop it first',
    )
  const { copyToPostgres } = await import('../../../platform/records-copy.ts')
  const copied = await copyToPostgres(file, options)
  const records = copied.reduce((sum, each) => sum + each.records, 0)
  shell.terminal.result({ records, tables: copied }, (terminal) =>
    [
      table(
        terminal,
        ['TABLE', 'RECORDS'],
        copied.map((each) => [each.table.replaceAll('_', ' '), each.records]),
      ),
      '',
      `Copied ${records} records, counted again there. ${file} stays as it is.`,
    ].join('\n'),
  )
}
