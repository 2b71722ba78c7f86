// SPDX-License-Identifier: Apache-2.0
/**
 * The configuration in force and what is made of it. A reload checks the whole new file first and then swaps
 * everything at once, or changes nothing; what only a restart can change is listed.
 */
import { readFileSync } from 'node:fs'
import { createSecureContext, type SecureContext } from 'node:tls'
import { TrustedNetworks } from '../accept/trusted-networks.ts'
import { messageOf, RelayError } from '../base/errors.ts'
import type { DeliveryPolicy } from '../delivery/delivery-context.ts'
import type { Config } from './config/config.ts'
import { checkConfig } from './config/load-config.ts'

export interface InForce {
  readonly config: Config
  readonly trusted: TrustedNetworks
  readonly policy: DeliveryPolicy
  readonly secureContext: SecureContext
}

/** What stays as it was at the start, with the name that the file gives it. */
const fixedParts = {
  hostname: (config) => config.hostname,
  node_name: (config) => config.nodeName,
  data_dir: (config) => config.dataDir,
  key_file: (config) => config.keyFile,
  listen: ({ listen: { submission, operations } }) => [
    { ...submission, tlsCert: '', tlsKey: '' },
    operations,
  ],
  dns: (config) => config.dns,
  source: (config) => config.sources,
  spool: (config) => config.spool,
  'delivery.port': (config) => config.delivery.port,
  'delivery.tls_ca': (config) => config.delivery.tlsCa,
  'delivery.timeouts': (config) => config.delivery.timeouts,
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

function putInForce(config: Config): InForce {
  const { delivery, retry } = config
  return {
    config,
    trusted: new TrustedNetworks(
      config.trusted.map(({ network, tenant, stream }) => ({
        network,
        tenant,
        stream,
      })),
    ),
    policy: {
      connectionsPerSite: delivery.connectionsPerSite,
      messagesPerConnection: delivery.messagesPerConnection,
      connections: delivery.maxConnections,
      idle: delivery.idle,
      siteRests: retry.siteRest,
    },
    secureContext: secureContextOf(config),
  }
}

function secureContextOf({ listen: { submission } }: Config): SecureContext {
  try {
    return createSecureContext({
      cert: readFileSync(submission.tlsCert),
      key: readFileSync(submission.tlsKey),
      minVersion: 'TLSv1.2',
    })
  } catch (thrown) {
    // Unreadable files, or a key that is not the certificate's.
    throw new RelayError(
      'RLY_CONFIG_INVALID',
      `listen.submission: ${submission.tlsCert} and ${submission.tlsKey} cannot be used for TLS: ${messageOf(thrown)}`,
      { cause: thrown },
    )
  }
}
