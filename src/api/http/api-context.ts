// SPDX-License-Identifier: Apache-2.0
/** What the work of the API's routes stands on. */
import type { OnGuessing } from '../../accept/logins/guess-notice.ts'
import type { LastUses } from '../../accept/logins/last-uses.ts'
import type { MailDesk } from '../../control/desk/mail-desk.ts'
import type { PeopleContext } from '../../control/people/people-context.ts'
import type { EventSearch } from '../../control/search/event-search.ts'
import type { SourceCheckups } from '../../control/sources/source-checkups.ts'
import type { SourceService } from '../../control/sources/source-service.ts'
import type { StandingService } from '../../control/standings/standing-service.ts'
import type { WarmUpService } from '../../control/warm-ups/warm-up-service.ts'
import type { WebhookSender } from '../../control/webhooks/webhook-sender.ts'
import type { Resolver } from '../../dns/resolver.ts'
import type { DomainFacts } from '../../events/domain-event.ts'
import type { Directory } from '../../records/directory.ts'
import type { SendingHost } from '../../records/domains/dns-records.ts'
import type { RotationSettings } from '../../records/domains/key-rotation.ts'
import type { RecordsContext } from '../../records/records-context.ts'
import type { RetrySchedules } from '../../records/stream-defaults.ts'
import type { EventStreams } from './sent-events.ts'

export interface ApiContext {
  readonly records: RecordsContext
  /** As this process knows the records now. */
  readonly directory: () => Directory
  /** The records were changed: every process takes notice. */
  readonly refresh: () => Promise<void>
  /** `null` where no relay runs: the records alone. */
  readonly desk: MailDesk | null
  /** What a request with an Idempotency-Key has made, whichever worker made it; `null` where no relay runs. */
  readonly sentBefore: MailDesk['sentBefore'] | null
  /** Names this process among those that share the records; no other one has it while this one runs. */
  readonly place: string
  /** What happens, and what happened, in events; `null` where no relay runs. */
  readonly streams: EventStreams | null
  readonly search: EventSearch | null
  readonly people: PeopleContext
  /** Hears of each use of a key. */
  readonly uses: Pick<LastUses, 'note'>
  /** Somebody guesses keys. */
  readonly onGuessing: OnGuessing
  readonly warmUps: WarmUpService
  readonly standings: StandingService
  readonly sources: SourceService
  readonly sourceCheckups: SourceCheckups
  /** What new streams start with. */
  readonly retry: () => RetrySchedules
  /** Names of pools that streams may name. */
  readonly pools: () => readonly string[]
  /** Made for one question, and to be closed: it remembers nothing. */
  readonly resolver: () => Promise<Resolver>
  /** Tells endpoints what happens; `null` where no relay runs, or another of its processes does it. */
  readonly webhooks: WebhookSender | null
  /** Webhooks may be `http://`: there are networks that the operator lets them reach. */
  readonly mayWebhooksBeClear: () => boolean
  /** What a domain's DNS records point to. */
  readonly host: () => SendingHost
  /** When DKIM keys give way to the next ones. */
  readonly rotation: () => RotationSettings
  /** Makes an event of what happened to a sending domain. */
  readonly tell: (facts: DomainFacts) => Promise<void>
}
