// SPDX-License-Identifier: Apache-2.0
/** Puts together what people and time do with sources. */
import type { ApiContext } from '../api/http/api-context.ts'
import { messageOf } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { SourceCheckups } from '../control/sources/source-checkups.ts'
import { SourceService } from '../control/sources/source-service.ts'
import { keepUpSources } from '../control/sources/source-upkeep.ts'
import { tryAddress } from './bind-test.ts'
import type { Config } from './config/config.ts'
import { SourcesInForce } from './egress-sources.ts'

interface SourceParts extends Pick<ApiContext, 'desk' | 'records' | 'refresh'> {
  readonly config: () => Config
  readonly log: Log
}

export function composeSources(
  { config, desk, log, records, refresh }: SourceParts,
  resolver: ApiContext['resolver'],
): Pick<ApiContext, 'sources' | 'sourceCheckups'> {
  const outgoing = new SourcesInForce(config)
  const sources = new SourceService({
    records,
    desk,
    configured: () =>
      config().sources.map(({ ehloName, localAddress, name, proxy, publicAddress }) => ({
        ...{ name, localAddress, ehlo: ehloName },
        address: publicAddress ?? (proxy === null ? localAddress : null),
        proxy: proxy && `${proxy.protocol} ${proxy.address.host}:${proxy.address.port}`,
        pools: outgoing.pools.poolsOf(name),
      })),
    announce: async (what, text) => {
      try {
        await desk?.announce(what, text, null)
      } catch (thrown) {
        // No worker that could write it down: the log has it.
        log.warn({ error: messageOf(thrown) }, text)
      }
    },
  })
  const sourceCheckups = new SourceCheckups({
    ...sources.context,
    ...{ resolver, tryAddress, refresh },
    settings: () => {
      const { blocklists, sourceChecks } = config()
      return { ...sourceChecks, lists: blocklists }
    },
  })
  return { sources, sourceCheckups }
}

/** Until `stopping`, beside everything else. */
export async function followSources(
  { desk, directory, refresh, sources, sourceCheckups, warmUps }: ApiContext,
  log: Log,
  stopping: AbortSignal,
): Promise<void> {
  const parts = { ...sources.context, desk, directory, refresh, warmUps: warmUps.context }
  await Promise.all([keepUpSources(parts, log, stopping), sourceCheckups.follow(log, stopping)])
}
