// SPDX-License-Identifier: Apache-2.0
/** Makes what the API's routes stand on, in a relay and beside one. */
import type { ApiContext } from '../api/http/api-context.ts'
import { EventStreams } from '../api/http/sent-events.ts'
import type { EventSearch } from '../control/event-search.ts'
import type { MailDesk } from '../control/mail-desk.ts'
import { StubResolver } from '../dns/stub-resolver.ts'
import type { Directory } from '../records/directory.ts'
import type { SendingHost } from '../records/dns-records.ts'
import type { RecordsContext } from '../records/records-context.ts'
import type { EventFeed } from '../spool/event-feed.ts'
import { resolversOf } from './compose-delivery.ts'
import type { Config } from './config/config.ts'

/** What is read from the journals. */
export interface Views {
  readonly feed: EventFeed
  readonly search: EventSearch
}

export function composeApi(parts: {
  readonly records: RecordsContext
  readonly config: () => Config
  readonly directory: () => Directory
  readonly refresh: () => Promise<void>
  readonly desk: MailDesk | null
  readonly views: Views | null
}): ApiContext {
  const { config, views, ...rest } = parts
  const { search = null } = views ?? {}
  const streams = views === null ? null : new EventStreams(views.feed, rest.records.clock)
  return {
    ...rest,
    streams,
    search,
    retry: () => config().retry,
    resolver: async () =>
      new StubResolver({
        servers: await resolversOf(config()),
        clock: rest.records.clock,
        random: rest.records.random,
      }),
    host: () => sendingHostOf(config()),
  }
}

/** Where mail comes from, for the DNS records of domains. */
function sendingHostOf({ hostname, sources }: Config): SendingHost {
  const addresses = sources.flatMap(({ localAddress }) => localAddress ?? [])
  return { hostname, addresses: addresses.length === sources.length ? addresses : [] }
}
