// SPDX-License-Identifier: Apache-2.0
/**
 * The configuration of this node: checked as a whole, frozen, and passed down as each layer's own options.
 * Only facts of the node stand in it; what a tenant or the API may change is in the store.
 */
import { dirname, resolve } from 'node:path'
import type { z } from 'zod'
import type { DurationMs } from '../../base/brand.ts'
import type { EgressSource, EgressSourceName } from '../../queue/egress.ts'
import type { EgressPool } from '../../queue/egress-pool.ts'
import type { PoolRule } from '../../queue/pool-rules.ts'
import type { CamelKeys } from './camel-keys.ts'
import { patternText } from './key-types.ts'
import type { configSchema } from './schema.ts'

/** The tables of the file, keys in camelCase, durations in milliseconds, sizes in octets. */
export type Settings = CamelKeys<z.output<typeof configSchema>>

export type ListenerConfig = Settings['listener'][number]

export interface SourceConfig extends Omit<EgressSource, 'families' | 'hop'> {
  /** Files absolute. */
  readonly proxy: Settings['source'][number]['proxy']
  /** That receivers see; `null`: the local one. */
  readonly publicAddress: string | null
}

export interface Config
  extends Omit<
    Settings,
    | 'listener'
    | 'certificate'
    | 'source'
    | 'pool'
    | 'poolRule'
    | 'blocklist'
    | 'route'
    | 'site'
    | 'nodeName'
    | 'dsn'
  > {
  /** The file that it was read from, absolute. */
  readonly file: string
  readonly nodeName: string
  /** Where mail comes in; at least one. */
  readonly listeners: readonly ListenerConfig[]
  /** Absolute file names. The first is shown to clients that ask for no name, or for one that none has. */
  readonly certificates: Settings['certificate']
  /** At least one; what each can reach is a fact of the machine. */
  readonly sources: readonly SourceConfig[]
  readonly pools: readonly EgressPool[]
  /** In the order of the file; the first that matches is taken. */
  readonly poolRules: readonly PoolRule[]
  readonly blocklists: Settings['blocklist']
  /** In the order of the file; the first that matches is taken. */
  readonly routes: Settings['route']
  readonly sites: Settings['site']
  readonly dsn: { readonly from: string; readonly delayAfter: DurationMs }
}

const THE_ONLY = { name: 'default', address: null, publicAddress: null, ehlo: null, proxy: null }

/** Fills in what depends on other keys and on where `file` lies. */
export function configOf(settings: Settings, file: string): Config {
  const { listener, certificate, source, pool, poolRule, blocklist, route, site, ...rest } =
    settings
  const folder = dirname(file)
  const fileOf = (name: string | null) => (name === null ? null : resolve(folder, name))
  return frozen({
    ...rest,
    file,
    nodeName: settings.nodeName ?? settings.hostname,
    dataDir: resolve(folder, settings.dataDir),
    keyFile: resolve(folder, settings.keyFile),
    delivery: {
      ...settings.delivery,
      tlsCa: fileOf(settings.delivery.tlsCa),
      shaping: fileOf(settings.delivery.shaping),
      warmUp: fileOf(settings.delivery.warmUp),
    },
    login: {
      ...settings.login,
      oidc: settings.login.oidc && {
        ...settings.login.oidc,
        clientSecretFile: fileOf(settings.login.oidc.clientSecretFile),
      },
    },
    store: {
      ...settings.store,
      passwordFile: fileOf(settings.store.passwordFile),
      tlsCa: fileOf(settings.store.tlsCa),
    },
    webhooks: { ...settings.webhooks, tlsCa: fileOf(settings.webhooks.tlsCa) },
    events: { ...settings.events, linesFile: resolve(folder, settings.events.linesFile) },
    listeners: listener.map(({ clientCa, ...each }) => ({
      ...each,
      clientCa: fileOf(clientCa),
    })),
    certificates: certificate.map(({ cert, key }) => ({
      cert: resolve(folder, cert),
      key: resolve(folder, key),
    })),
    sources: (source.length > 0 ? source : [THE_ONLY]).map((each) => ({
      name: each.name as string as EgressSourceName,
      localAddress: each.address,
      publicAddress: each.publicAddress,
      proxy: each.proxy && { ...each.proxy, passwordFile: fileOf(each.proxy.passwordFile) },
      ehloName: each.ehlo ?? settings.hostname,
    })),
    blocklists: blocklist,
    pools: pool.map(({ name, overflow, quarantine, source: members, tenant }) => ({
      ...{ name, overflow, quarantine, tenants: tenant },
      members: members.map((one) => ({ source: one.name, weight: one.weight })),
    })),
    poolRules: poolRule.map((rule) => ({
      ...{ pool: rule.pool, tenants: rule.tenant, streams: rule.stream },
      ...{ campaigns: rule.campaign, providers: rule.provider },
      domains: rule.domain.map(patternText),
    })),
    routes: route,
    sites: site,
    dsn: { ...settings.dsn, from: settings.dsn.from ?? `postmaster@${settings.hostname}` },
  })
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const inner of Object.values(value)) frozen(inner)
  }
  return value
}
