// SPDX-License-Identifier: Apache-2.0
/** What commands get: the terminal, the configuration that was named, the records. All of it is loaded when asked for. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { ApiClient } from '../../api/client/api-client.ts'
import type { ControlClient } from '../../api/control-client.ts'
import { RelayError } from '../../base/errors.ts'
import type { Config } from '../config/config.ts'
import { controlSocketFile } from '../data-files.ts'
import type { Terminal } from './terminal.ts'

/** Looked for in this order where neither `--config` nor POSTHASTE_CONFIG names one. */
export const usualFiles: readonly string[] = ['posthaste.toml', '/etc/posthaste/posthaste.toml']

export class Shell {
  readonly terminal: Terminal
  readonly #named: () => string | undefined
  readonly #url: () => string | undefined
  readonly environment: NodeJS.ProcessEnv

  /** `options` gives those for every command, once the command line is parsed. */
  constructor(
    terminal: Terminal,
    environment: NodeJS.ProcessEnv,
    options: () => { readonly config?: string; readonly url?: string },
  ) {
    this.terminal = terminal
    this.environment = environment
    this.#named = () => options().config
    this.#url = () => options().url
  }

  /** Absolute. Throws `RLY_CONFIG_MISSING` where none is named and none is in a usual place. */
  configFile(): string {
    const named = this.#named() ?? this.environment['POSTHASTE_CONFIG']
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

  /** Runs `work` with the API of the relay that is meant: a remote one, the one that runs here, or its records alone. */
  async withApi<T>(work: (client: ApiClient) => Promise<T>): Promise<T> {
    const url = this.#remote
    const { remoteClient, withLocalClient } = await import('./api-access.ts')
    if (url !== null) return work(remoteClient(url, this.environment['POSTHASTE_KEY']))
    return withLocalClient(await this.config(), work)
  }

  /** Where a relay elsewhere is, and the key for it; `null`: one of this host is meant. Throws `RLY_USAGE` without a key. */
  remote(): { readonly url: string; readonly key: string } | null {
    const url = this.#remote
    if (url === null) return null
    const key = this.environment['POSTHASTE_KEY'] ?? ''
    if (key !== '') return { url, key }
    throw new RelayError('RLY_USAGE', 'a remote relay wants a key: set POSTHASTE_KEY')
  }

  /** Whether a relay elsewhere is meant. */
  get isRemote(): boolean {
    return this.#remote !== null
  }

  get #remote(): string | null {
    const url = this.#url() ?? this.environment['POSTHASTE_URL'] ?? ''
    return url === '' ? null : url
  }
}
