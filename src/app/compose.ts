// SPDX-License-Identifier: Apache-2.0
/**
 * Puts the layers together: the one place that knows all of them. Nothing listens and nothing is sent yet when it
 * returns.
 */

import { availableParallelism } from 'node:os'
import { CampaignWishes } from '../accept/campaign-wishes.ts'
import type { CredentialBaselines } from '../accept/credential-baselines.ts'
import { GateNotice } from '../accept/gate/gate-notice.ts'
import { KeyCache } from '../accept/logins/key-cache.ts'
import { LastUses } from '../accept/logins/last-uses.ts'
import { Logins } from '../accept/logins/logins.ts'
import type { AcceptContext } from '../accept/message-draft.ts'
import { submitOwnMail } from '../accept/own-mail.ts'
import { QuotaCounters } from '../accept/quotas/quota-counters.ts'
import { overInWords } from '../accept/quotas/quota-texts.ts'
import { RelayAcceptor } from '../accept/relay-acceptor.ts'
import { AbortSet } from '../base/abort-set.ts'
import { DeadlineWheel } from '../base/deadline-wheel.ts'
import { messageOf } from '../base/errors.ts'
import { Lifecycle } from '../base/lifecycle.ts'
import type { Log } from '../base/log.ts'
import { MemoryBudget, type Room } from '../base/memory-budget.ts'
import { Signer } from '../content/signer.ts'
import { openBrakes } from '../control/brake-records.ts'
import { DirectoryWatch } from '../control/directory-watch.ts'
import { QuotaWatch } from '../control/quota-watch.ts'
import { sendReports } from '../delivery/outcome/delivery-reports.ts'
import { limitEventOf } from '../delivery/site/limit-event.ts'
import { type OperationEvent, timestampOf } from '../events/event.ts'
import type { FeedbackRecorder } from '../feedback/finding.ts'
import type { InboundAddresses } from '../feedback/inbound-addresses.ts'
import { AddressHasher } from '../protocol/address-hash.ts'
import { LinkSealer } from '../protocol/link-token.ts'
import { TokenSealer } from '../protocol/token.ts'
import type { Brakes } from '../queue/brakes/brakes.ts'
import type { LessonBook } from '../queue/shaping/lesson-book.ts'
import { SuppressionLookup } from '../records/suppressions/suppression-lookup.ts'
import { AcmeRenewal } from './acme/acme-renewal.ts'
import { composeDelivery, type DeliverySide } from './compose-delivery.ts'
import { composeFeedback } from './compose-feedback.ts'
import { composeListeners } from './compose-listeners.ts'
import { composeLinks, composeWeb, type WebSide } from './compose-web.ts'
import { rejectProblems } from './config/load-config.ts'
import {
  recordProblems,
  streamsWithoutPool,
  suppressionProblems,
} from './config/record-problems.ts'
import { endsFile, knownDomainsFile } from './data-files.ts'
import { openBaselines } from './kept/kept-domains.ts'
import { readEnds } from './kept/kept-ends.ts'
import { readLessons } from './kept/kept-lessons.ts'
import type { Listeners } from './listeners.ts'
import type { LiveConfig } from './live-config.ts'
import { openFileShares } from './open-files.ts'
import { openPlatform, type Platform } from './platform.ts'
import { memoryShares } from './process-memory.ts'
import { SimulatedReceiver } from './sandbox/simulated-receiver.ts'
import { budgetsOf } from './shared-budgets.ts'
import { readSystemFacts } from './system-facts.ts'
import { TlsUpkeep } from './tls/tls-upkeep.ts'
import { ownJournal, type WorkerPlace } from './worker-place.ts'

export interface RelayParts {
  readonly live: LiveConfig
  readonly log: Log
  readonly platform: Platform
  readonly watch: DirectoryWatch
  readonly quotaWatch: QuotaWatch
  /** To which domains mail of each credential has gone, and where that is kept. */
  readonly known: { readonly file: string; readonly domains: CredentialBaselines }
  readonly uses: LastUses
  readonly suppressions: SuppressionLookup
  readonly lifecycle: Lifecycle
  /** Cuts what is still open when the time to drain is over. */
  readonly abort: AbortSet
  readonly acceptor: RelayAcceptor
  readonly memory: MemoryBudget
  readonly delivery: DeliverySide
  /** What brakes count, and where that is kept. */
  readonly ends: { readonly brakes: Brakes; readonly file: string }
  /** What replies have taught; `null`: control keeps it for all workers. */
  readonly book: LessonBook | null
  readonly feedback: { readonly recorder: FeedbackRecorder; readonly resolver: AsyncDisposable }
  readonly inbound: Pick<InboundAddresses, 'forged'>
  /** `null`: none is configured. */
  readonly web: WebSide | null
  readonly sandbox: SimulatedReceiver
  readonly listeners: Listeners
  readonly tlsUpkeep: TlsUpkeep
  /** Of one process of a relay alone. */
  readonly acme: AcmeRenewal | null
}

/** Throws `RLY_*` and leaves nothing open. `onFatal`: the relay cannot go on and must end. */
export async function compose(
  live: LiveConfig,
  place: WorkerPlace,
  log: Log,
  onFatal: () => void,
): Promise<RelayParts> {
  const platform = await openPlatform(live.current.config, place, log, onFatal)
  try {
    return await composeOn(platform, live, place, log, onFatal)
  } catch (thrown) {
    // Whatever was wrong is said by the caller; the data directory is given back.
    await platform[Symbol.asyncDispose]()
    throw thrown
  }
}

async function composeOn(
  platform: Platform,
  live: LiveConfig,
  place: WorkerPlace,
  log: Log,
  onFatal: () => void,
): Promise<RelayParts> {
  const { clock, keyring, random, spool, store } = platform
  const { config } = live.current
  const watch = await DirectoryWatch.open(store, clock, log)
  platform.retention.follow(() => watch.directory)
  rejectProblems(config, [
    ...recordProblems(config, watch.directory, keyring),
    ...(await suppressionProblems(store, keyring)),
  ])
  const suppressions = new SuppressionLookup({ store, keyring, clock, log })
  const book = place.count === 1 ? await readLessons(store, clock, log) : null
  const openFiles = openFileShares(config, place.count, readSystemFacts().openFiles)
  const wheel = new DeadlineWheel(clock)
  const abort = new AbortSet()
  const lifecycle = new Lifecycle((work, thrown) => {
    const stack = thrown instanceof Error ? thrown.stack : undefined
    log.error({ work, error: messageOf(thrown), stack }, 'background work failed: the relay ends')
    onFatal()
  })
  const announce = (
    type: OperationEvent['type'],
    text: string,
    tenant: string | null = null,
  ): void => {
    const at = timestampOf(clock.now())
    const event = { type, at, node: config.nodeName, tenant, text }
    lifecycle.background('record of an operation', () => spool.append([event]))
  }
  for (const { tenant, text } of streamsWithoutPool(config, watch.directory)) {
    log.error({ tenant }, `${text}; mail of the stream waits`)
    if (place.index === 0) announce('stream.without-pool', `${text}; its mail waits`, tenant)
  }
  const memory = new MemoryBudget(memoryShares(config.maxMemory).incomingOctets, (room) =>
    logRoom(log, room),
  )
  const sealer = new TokenSealer(keyring)
  const linkSealer = new LinkSealer(keyring)
  const links = composeLinks(live, () => watch.directory)
  const quotas = new QuotaCounters(clock, place, ({ tenant, ...quota }, until) =>
    announce(
      'quota.reached',
      overInWords({ kind: 'over', quota: { tenant, ...quota }, until }),
      tenant,
    ),
  )
  const baselines = await openBaselines(live, clock, log, announce)
  const quotaWatch = new QuotaWatch({
    ...{ clock, log, store, announce, counters: quotas, baselines },
    directory: () => watch.directory,
  })
  await quotaWatch.open()
  const accepting: AcceptContext = {
    node: config.nodeName,
    hostname: config.hostname,
    ...{ clock, log, lifecycle, spool, events: spool, memory },
    signer: new Signer({ concurrency: availableParallelism() }),
    keys: new KeyCache(keyring),
    ...{ quotas, baselines },
    uses: new LastUses(clock),
    wishes: new CampaignWishes({ store, clock, log, announce, records: watch }),
    gateNotice: new GateNotice(clock, (text, tenant) => announce('stream.warned', text, tenant)),
    directory: () => watch.directory,
    ...{ sealer, linkSealer, links, suppressions },
    engagement: store.engagement,
    hasher: new AddressHasher(keyring),
    engagedPolicy: () => live.current.warmUp.policy.engaged,
    delayReportAfter: () => live.current.config.dsn.delayAfter,
    holdFor: () => live.current.config.hold.expiresAfter,
    enqueue: (recipients) => delivery.dispatcher.enqueue(recipients),
  }
  const reporting = {
    ...accepting,
    reportsFrom: () => live.current.config.dsn.from,
    submit: submitOwnMail.bind(null, accepting),
  }
  const sandbox = new SimulatedReceiver({
    ...{ clock, random, log, events: spool },
    inbound: () => feedback.inbound,
    visit: (path) => web?.visit(path),
  })
  const records = { store, clock }
  const fileOfEnds = endsFile(config.dataDir, ownJournal(place))
  const counted = await readEnds(fileOfEnds, log)
  const brakes = openBrakes({ records, watch, lifecycle, log, announce }, counted)
  const delivery: DeliverySide = await composeDelivery({
    live,
    platform,
    watch,
    suppressions,
    lifecycle,
    wheel,
    log,
    abort,
    sendReports: (notices) => sendReports(reporting, notices),
    onDiskFailure: () => delivery.dispatcher.stop(),
    budgets: budgetsOf({
      ...{ dataDir: config.dataDir, place, clock, book },
      onTaught: (taught) => {
        const event = limitEventOf(taught, timestampOf(clock.now()), config.nodeName)
        lifecycle.background('record of a limit', () => spool.append([event]))
      },
    }),
    sealer,
    openFiles,
    sandbox,
    announce,
    brakes,
    credentials: baselines,
  })
  watch.onChange = () => {
    delivery.dispatcher.refreshStopped()
    delivery.dispatcher.refreshPools()
    delivery.dispatcher.sites.refreshLimits()
    brakes.adopt(watch.directory.brakes)
    listeners.review()
  }
  const logins = new Logins({
    clock,
    random,
    keyring,
    log,
    directory: () => watch.directory,
    onGuessing: (text, tenant) => announce('credential.guessed', text, tenant),
  })
  const acceptor = new RelayAcceptor(accepting, logins, () => live.current.trusted)
  const acme = new AcmeRenewal({ live, clock, announce, onRenewed: () => tlsUpkeep.look() })
  const tlsUpkeep = new TlsUpkeep({
    live,
    isKeeper: place.index === 0,
    clock,
    random,
    keyring,
    announce,
    log,
  })
  const feedback = await composeFeedback({
    ...{ live, place, platform, accepting, sealer, brakes },
    credentials: baselines,
  })
  const { inbound } = feedback
  const listeners = composeListeners({
    ...{ live, place, acceptor, inbound, clock, memory, openFiles, wheel, log },
  })
  const { recorder } = feedback
  const web: WebSide | null = composeWeb({
    ...{ live, place, links, clock, sealer, linkSealer, recorder, spool, openFiles, log },
  })
  if (web !== null) listeners.add('web', web.listener)
  return {
    live,
    log,
    platform,
    watch,
    quotaWatch,
    uses: accepting.uses,
    known: { file: knownDomainsFile(config.dataDir, place.index), domains: baselines },
    suppressions,
    lifecycle,
    abort,
    acceptor,
    memory,
    delivery,
    ends: { brakes, file: fileOfEnds },
    book,
    feedback: { recorder: feedback.journal, resolver: feedback.resolver },
    inbound: inbound.addresses,
    web,
    sandbox,
    listeners,
    tlsUpkeep,
    acme: place.index === 0 ? acme : null,
  }
}

function logRoom(log: Log, room: Room): void {
  if (room === 'ample') log.info({}, 'there is memory for new sessions again')
  else if (room === 'scarce') log.warn({}, 'clients hold most of the memory that there is for them')
  else log.warn({}, 'clients hold all of the memory that there is for them')
}
