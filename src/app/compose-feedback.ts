// SPDX-License-Identifier: Apache-2.0
/** Puts together what takes mail that comes back: addresses, hub, and where findings are written. */

import type { AcceptContext } from '../accept/message-draft.ts'
import { submitOwnMail } from '../accept/own-mail.ts'
import { RemoteSentMail } from '../api/channel/remote-sent-mail.ts'
import { RemoteRecorder } from '../api/feedback-routes.ts'
import { feedbackLimits } from '../base/limits/feedback-limits.ts'
import { MemoryBudget } from '../base/memory-budget.ts'
import type { Resolver } from '../dns/resolver.ts'
import { StubResolver } from '../dns/stub-resolver.ts'
import { journalOf } from '../events/ids.ts'
import { FeedbackHub } from '../feedback/feedback-hub.ts'
import { FeedbackJournal } from '../feedback/feedback-journal.ts'
import type { FeedbackRecorder } from '../feedback/finding.ts'
import { InboundAddresses } from '../feedback/inbound-addresses.ts'
import type { InboundContext } from '../feedback/inbound-handler.ts'
import { type BounceCounts, countBounce } from '../feedback/reported-bounces.ts'
import { SharedRecorder } from '../feedback/shared-recorder.ts'
import type { TokenSealer } from '../protocol/token.ts'
import { resolversOf } from './compose-delivery.ts'
import { controlSocketFile, workerSocketFile } from './data-files.ts'
import type { LiveConfig } from './live-config.ts'
import type { Platform } from './platform.ts'
import { ownerOf, type WorkerPlace } from './worker-place.ts'

export interface FeedbackSide {
  /** Of the messages of this process, for its own listeners and for other workers. */
  readonly journal: FeedbackJournal
  /** Of all messages of the relay: each finding goes to the worker that has its message. */
  readonly recorder: FeedbackRecorder
  readonly inbound: InboundContext
  /** Of its own: what strangers make us ask takes no turn of delivery's. */
  readonly resolver: Resolver
}

export interface FeedbackParts extends BounceCounts {
  readonly live: LiveConfig
  readonly place: WorkerPlace
  readonly platform: Platform
  readonly accepting: AcceptContext
  readonly sealer: TokenSealer
}

export async function composeFeedback(parts: FeedbackParts): Promise<FeedbackSide> {
  const { accepting, live, place, platform, sealer } = parts
  const { clock, random, reports, spool } = platform
  const { directory, hostname, log, memory, node } = accepting
  const servers = await resolversOf(live.current.config)
  const resolver = new StubResolver({ servers, clock, random })
  const journal = new FeedbackJournal({
    ...{ events: spool, memory: reports, clock, node },
    onBounce: (bounce) => countBounce(parts, bounce),
  })
  const recorder = place.count === 1 ? journal : sharedBy(live, place, journal)
  const hub = new FeedbackHub({
    ...{ hostname, clock, random, log, sealer, directory, resolver, recorder },
    sentMail: new RemoteSentMail(controlSocketFile(live.current.config.dataDir), clock),
    signedLoops: () => live.current.config.feedback.signedLoops,
    operator: () => live.current.config.feedback.forwardTo,
    from: () => live.current.config.dsn.from,
    submit: submitOwnMail.bind(null, accepting),
  })
  const addresses = new InboundAddresses({ hostname, directory, sealer, clock })
  const held = new MemoryBudget(feedbackLimits.heldOctets)
  const health = () => spool.health()
  const inbound = { hostname, clock, addresses, hub, memory, held, health }
  return { journal, recorder, resolver, inbound }
}

function sharedBy(live: LiveConfig, place: WorkerPlace, own: FeedbackJournal): SharedRecorder {
  const { dataDir } = live.current.config
  const recorders = Array.from({ length: place.count }, (_, index) =>
    index === place.index ? own : new RemoteRecorder(workerSocketFile(dataDir, index)),
  )
  return new SharedRecorder(own, (id) => recorders[ownerOf(place, journalOf(id))] ?? own)
}
