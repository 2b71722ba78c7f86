// SPDX-License-Identifier: Apache-2.0
/** Makes what the API's routes stand on, in a relay and beside one. */
import { readFileSync } from 'node:fs'
import type { OnGuessing } from '../accept/logins/guess-notice.ts'
import type { LastUses } from '../accept/logins/last-uses.ts'
import type { ApiContext } from '../api/http/api-context.ts'
import { EventStreams } from '../api/http/sent-events.ts'
import { ms } from '../base/brand.ts'
import { messageOf } from '../base/errors.ts'
import { serverLimits } from '../base/limits/limits.ts'
import type { Log } from '../base/log.ts'
import type { AnnouncedEvent, MailDesk } from '../control/desk/mail-desk.ts'
import { OwnAccount } from '../control/people/own-account.ts'
import type { LoginSettings, PeopleContext } from '../control/people/people-context.ts'
import { PersonLogins } from '../control/people/person-logins.ts'
import { PersonSessions } from '../control/people/person-sessions.ts'
import { MxProviders } from '../control/rates/mx-providers.ts'
import type { UpkeepParts } from '../control/record-upkeep.ts'
import type { EventSearch } from '../control/search/event-search.ts'
import { StandingService } from '../control/standings/standing-service.ts'
import { WarmUpService } from '../control/warm-ups/warm-up-service.ts'
import { AddressGuard } from '../control/webhooks/address-guard.ts'
import { EndpointCaller } from '../control/webhooks/endpoint-caller.ts'
import type { WebhookParts } from '../control/webhooks/sender-parts.ts'
import type { WebhookLedger } from '../control/webhooks/webhook-ledger.ts'
import { WebhookSender } from '../control/webhooks/webhook-sender.ts'
import { StubResolver } from '../dns/stub-resolver.ts'
import type { DomainFacts } from '../events/domain-event.ts'
import { PoolChoice } from '../queue/pool-choice.ts'
import type { Directory } from '../records/directory.ts'
import type { SendingHost } from '../records/domains/dns-records.ts'
import type { RotationSettings } from '../records/domains/key-rotation.ts'
import type { RecordsContext } from '../records/records-context.ts'
import type { EventFeed } from '../spool/event-feed.ts'
import { resolversOf } from './compose-delivery.ts'
import { composeOidc } from './compose-oidc.ts'
import { composeSources } from './compose-sources.ts'
import type { Config } from './config/config.ts'
import type { InForce, LiveConfig } from './live-config.ts'

/** What is read from the journals. */
export interface Views {
  readonly feed: EventFeed
  readonly search: EventSearch
  readonly openLedger: () => WebhookLedger
}

interface ApiParts {
  /** Of the process, among those that share the records. */
  readonly place: string
  /** Of keys. */
  readonly uses: LastUses
  readonly records: RecordsContext
  readonly config: () => Config
  readonly rules: () => Pick<InForce, 'shaping' | 'warmUp'>
  readonly directory: () => Directory
  readonly refresh: () => Promise<void>
  readonly desk: MailDesk | null
  readonly views: Views | null
  readonly log: Log
}

export function composeApi(parts: ApiParts): ApiContext {
  const { config, log: _, rules: __, views, ...rest } = parts
  const { search = null } = views ?? {}
  const streams =
    views === null ? null : new EventStreams(views.feed, views.search, rest.records.clock)
  const resolver = async () =>
    new StubResolver({
      servers: await resolversOf(config()),
      clock: rest.records.clock,
      random: rest.records.random,
    })
  const providers = new MxProviders(() => parts.rules().shaping)
  return {
    ...rest,
    sentBefore: rest.desk === null ? null : rest.desk.sentBefore.bind(rest.desk),
    people: composePeople(parts),
    onGuessing: tellGuessing(parts, 'keys'),
    warmUps: composeWarmUps(parts, providers),
    standings: composeStandings(parts, providers),
    ...composeSources(parts, resolver),
    streams,
    search,
    webhooks: views === null ? null : composeWebhooks(parts, views, resolver),
    retry: () => config().retry,
    pools: () => new PoolChoice(config).names,
    resolver,
    mayWebhooksBeClear: () => config().webhooks.allowNetworks.length > 0,
    host: () => sendingHostOf(config()),
    rotation: () => rotationOf(config()),
    tell: (facts) => tellOf(parts, facts),
  }
}

/** Where no relay runs nobody waits for events. */
async function tellOf({ desk, log }: ApiParts, facts: DomainFacts): Promise<void> {
  try {
    await desk?.tell(facts)
  } catch (thrown) {
    // No worker that could write it down: the log has it.
    log.warn({ error: messageOf(thrown), ...facts }, 'an event could not be written')
  }
}

function rotationOf({ dkim, listeners }: Config): RotationSettings {
  const releases = listeners.map(({ maxFutureRelease }) => maxFutureRelease)
  return {
    after: dkim.rotateAfter,
    longestRelease: ms(Math.max(serverLimits.futureReleaseMs, ...releases)),
  }
}

/** Where mail comes from, for the DNS records of domains. */
function sendingHostOf({ hostname, sources, web }: Config): SendingHost {
  const addresses = sources.flatMap(({ localAddress }) => localAddress ?? [])
  return {
    hostname,
    addresses: addresses.length === sources.length ? addresses : [],
    ...(web !== null && { links: new URL(web.url).hostname }),
  }
}

function composeWebhooks(
  parts: ApiParts,
  { feed, openLedger }: Views,
  resolver: ApiContext['resolver'],
): WebhookSender {
  const { config, log, records } = parts
  const announce: WebhookParts['announce'] = (...event) => tell(parts, ...event)
  const guard = new AddressGuard({ resolver, allowed: () => config().webhooks.allowNetworks })
  const { tlsCa } = config().webhooks
  // It has been read before, when the configuration was checked.
  const authorities = tlsCa === null ? null : readFileSync(tlsCa, 'utf8')
  const caller = new EndpointCaller(guard, records.clock, authorities)
  return new WebhookSender({ feed, records, openLedger, caller, announce, log })
}

function composePeople(parts: ApiParts): PeopleContext {
  const { config, records } = parts
  const sessions = new PersonSessions(records, () => {
    const { idle, session } = config().login
    return { idle, longest: session }
  })
  const logins = new PersonLogins(records, sessions, tellGuessing(parts, 'passwords'))
  const account = new OwnAccount(records, logins, sessions)
  const oidc = composeOidc(config, records, sessions, parts.log)
  return { sessions, logins, account, oidc, settings: () => loginSettingsOf(config()) }
}

function tellGuessing(parts: ApiParts, what: AnnouncedEvent): OnGuessing {
  return (text, tenant) => tell(parts, what, text, tenant)
}

/** Says it in the log, and in the journal of a worker. */
function tell(
  { desk, log }: ApiParts,
  what: AnnouncedEvent,
  text: string,
  tenant: string | null,
): void {
  log.warn({}, text)
  desk?.announce(what, text, tenant).catch((thrown: unknown) => {
    // No worker that could write it down: the log has it.
    log.warn({ error: messageOf(thrown) }, 'an event could not be written')
  })
}

function composeWarmUps(
  { config, desk, records, rules }: ApiParts,
  providers: MxProviders,
): WarmUpService {
  return new WarmUpService({
    records,
    rules: () => rules().warmUp,
    sources: () => config().sources.map(({ name }) => name),
    providers: () => rules().shaping.providers,
    providerOf: (mx) => providers.of(mx),
    announce: async (source, { kind, text }) => {
      await desk?.announce(`warmup.${kind}`, `${source}: ${text}`, null)
    },
  })
}

function composeStandings(parts: ApiParts, providers: MxProviders): StandingService {
  const { config, desk, directory, records, refresh } = parts
  return new StandingService({
    ...{ records, directory, refresh },
    pools: new PoolChoice(config),
    providerOf: (mx) => providers.of(mx),
    settings: () => {
      const { leastMail, withoutQuarantine, ...thresholds } = config().standing
      return { policy: { leastMail, thresholds }, withoutQuarantine }
    },
    announce: async (tenant, { kind, text }) => {
      await desk?.announce(`tenant.${kind}`, text, tenant)
    },
  })
}

function loginSettingsOf({ hostname, login }: Config): LoginSettings {
  return { hostname, url: login.url, isPasswordAllowed: login.passwords }
}

/** What the upkeep of records needs, of what routes stand on. */
export function upkeepOf({ people, records }: ApiContext, live: LiveConfig): UpkeepParts {
  const { sessions } = people
  return { records, sessions, keepsAuditFor: () => live.current.config.audit.retention }
}
