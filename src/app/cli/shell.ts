// SPDX-License-Identifier: Apache-2.0
/** What commands get: the terminal, the configuration that was named, the records. All of it is loaded when asked for. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { ControlClient } from '../../api/control-client.ts'
import { RelayError } from '../../base/errors.ts'
import type { Config } from '../config/config.ts'
import { controlSocketFile } from '../data-files.ts'
import type { OpenRecords } from '../records.ts'
import type { Terminal } from './terminal.ts'

/** Looked for in this order where neither `--config` nor POSTHASTE_CONFIG names one. */
export const usualFiles: readonly string[] = ['posthaste.toml', '/etc/posthaste/posthaste.toml']

export class Shell {
  readonly terminal: Terminal
  readonly #named: () => string | undefined
  readonly #environment: NodeJS.ProcessEnv

  /** `named` gives the value of `--config`, once the command line is parsed. */
  constructor(terminal: Terminal, environment: NodeJS.ProcessEnv, named: () => string | undefined) {
    this.terminal = terminal
    this.#environment = environment
    this.#named = named
  }

  /** Absolute. Throws `RLY_CONFIG_MISSING` where none is named and none is in a usual place. */
  configFile(): string {
    const named = this.#named() ?? this.#environment['POSTHASTE_CONFIG']
    if (named !== undefined && named !== '') return resolve(named)
    const found = usualFiles.find((file) => existsSync(file))
    if (found === undefined)
      throw new RelayError(
        'RLY_CONFIG_MISSING',
        `there is no configuration: neither ${usualFiles.map((file) => resolve(file)).join(' nor ')}`,
      )
    return resolve(found)
  }

  async config(): Promise<Config> {
    const { loadConfig } = await import('../config/load-config.ts')
    return loadConfig(this.configFile())
  }

  /** The running relay of this configuration. */
  async relay(): Promise<ControlClient> {
    const { dataDir } = await this.config()
    const { ControlClient } = await import('../../api/control-client.ts')
    return new ControlClient(controlSocketFile(dataDir))
  }

  /** Runs `work` with the records open, and closes them. */
  async withRecords<T>(work: (records: OpenRecords, config: Config) => Promise<T>): Promise<T> {
    const config = await this.config()
    const { openRecords } = await import('../records.ts')
    await using records = await openRecords(config)
    return await work(records, config)
  }
}
