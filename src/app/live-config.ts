// SPDX-License-Identifier: Apache-2.0
/**
 * The configuration in force and what is made of it. A reload checks the whole new file first and then swaps
 * everything at once, or changes nothing; what only a restart can change is listed.
 */
import { TrustedClients } from '../accept/logins/trusted-clients.ts'
import type { DeliveryPolicy } from '../delivery/delivery-context.ts'
import type { ShapingRules } from '../queue/shaping/rules.ts'
import type { WarmUpRules } from '../queue/warm-up/warm-up-rules.ts'
import type { Config } from './config/config.ts'
import { checkConfig } from './config/load-config.ts'
import { readShaping } from './config/shaping-files.ts'
import { readWarmUpRules } from './config/warm-up-files.ts'
import { readKeyFile } from './key-file.ts'
import { type ListenersTls, readListenersTls } from './tls/listener-tls.ts'
import { readTicketKeys } from './tls/ticket-keys.ts'

export interface InForce {
  readonly config: Config
  readonly trusted: TrustedClients
  readonly policy: DeliveryPolicy
  readonly shaping: ShapingRules
  readonly warmUp: WarmUpRules
  readonly tls: ListenersTls
}

/** What stays as it was at the start, with the name that the file gives it. */
const fixedParts = {
  hostname: (config) => config.hostname,
  node_name: (config) => config.nodeName,
  data_dir: (config) => config.dataDir,
  key_file: (config) => config.keyFile,
  max_memory: (config) => config.maxMemory,
  listener: ({ listeners }) => listeners.map((listener) => ({ ...listener, clientCa: '' })),
  operations: (config) => config.operations,
  api: (config) => config.api,
  web: (config) => config.web,
  dns: (config) => config.dns,
  spool: (config) => config.spool,
  events: (config) => config.events,
  store: (config) => config.store,
  'webhooks.tls_ca': (config) => config.webhooks.tlsCa,
  'delivery.port': (config) => config.delivery.port,
  'delivery.tls_ca': (config) => config.delivery.tlsCa,
} as const satisfies Record<string, (config: Config) => unknown>

export class LiveConfig {
  #inForce: InForce

  /** Throws `RLY_CONFIG_INVALID`, `RLY_CONFIG_MISSING`. */
  static load(file: string): LiveConfig {
    return new LiveConfig(putInForce(checkConfig(file)))
  }

  private constructor(inForce: InForce) {
    this.#inForce = inForce
  }

  get current(): InForce {
    return this.#inForce
  }

  /** Certificates and tickets' keys alone, from files that may have changed. Throws, and then nothing has changed. */
  refreshTls(): void {
    this.#inForce = { ...this.#inForce, tls: tlsOf(this.#inForce.config) }
  }

  /** Returns the keys that changed and need a restart. Throws as `load`, and then nothing has changed. */
  reload(): readonly string[] {
    const before = this.#inForce.config
    const next = putInForce(checkConfig(before.file))
    this.#inForce = next
    return Object.entries(fixedParts)
      .filter(([, part]) => JSON.stringify(part(before)) !== JSON.stringify(part(next.config)))
      .map(([name]) => name)
  }
}

/** Throws where a file of a certificate cannot be used. */
function tlsOf(config: Config): ListenersTls {
  const { dataDir, keyFile } = config
  return readListenersTls(config, readTicketKeys({ dataDir, keyring: readKeyFile(keyFile) }))
}

function putInForce(config: Config): InForce {
  const { delivery, retry } = config
  return {
    config,
    trusted: new TrustedClients(config.trusted),
    policy: {
      connections: delivery.maxConnections,
      idle: delivery.idle,
      siteRests: retry.siteRest,
    },
    shaping: readShaping(config),
    warmUp: readWarmUpRules(config),
    tls: tlsOf(config),
  }
}
