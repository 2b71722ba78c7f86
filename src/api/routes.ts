// SPDX-License-Identifier: Apache-2.0
/** All routes of the API, in the order of its document. */
import type { AnyRoute } from './http/route.ts'
import * as account from './resources/account.ts'
import * as audit from './resources/audit.ts'
import * as brakes from './resources/brakes.ts'
import * as campaigns from './resources/campaigns.ts'
import * as credentials from './resources/credentials.ts'
import * as domains from './resources/domains.ts'
import * as events from './resources/events.ts'
import * as failures from './resources/failures.ts'
import * as held from './resources/held.ts'
import * as keys from './resources/keys.ts'
import * as messageSearch from './resources/message-search.ts'
import * as messages from './resources/messages.ts'
import * as oidc from './resources/oidc.ts'
import * as people from './resources/people.ts'
import * as queues from './resources/queues.ts'
import * as quotas from './resources/quotas.ts'
import * as rates from './resources/rates.ts'
import * as session from './resources/session.ts'
import * as sites from './resources/sites.ts'
import * as sources from './resources/sources.ts'
import * as standings from './resources/standings.ts'
import * as streams from './resources/streams.ts'
import * as suppressionFiles from './resources/suppression-files.ts'
import * as suppressions from './resources/suppressions.ts'
import * as tenants from './resources/tenants.ts'
import * as warmUps from './resources/warm-ups.ts'
import * as webhookDeliveries from './resources/webhook-deliveries.ts'
import * as webhooks from './resources/webhooks.ts'

export const routes: readonly AnyRoute[] = [
  messages,
  messageSearch,
  held,
  campaigns,
  events,
  queues,
  sites,
  tenants,
  standings,
  streams,
  domains,
  credentials,
  quotas,
  keys,
  people,
  session,
  oidc,
  account,
  audit,
  suppressions,
  suppressionFiles,
  webhooks,
  brakes,
  failures,
  webhookDeliveries,
  rates,
  warmUps,
  sources,
].flatMap((resource) => Object.values(resource).filter(isRoute))

/** What every worker answers by itself; control's absence keeps no mail out. */
export const sendingRoutes: readonly AnyRoute[] = Object.values(messages).filter(isRoute)

/** What else a resource exports are schemas and the like. */
function isRoute(value: unknown): value is AnyRoute {
  return typeof value === 'object' && value !== null && 'run' in value
}
