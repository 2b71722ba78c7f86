// SPDX-License-Identifier: Apache-2.0
/** Makes what recipients reach: the names of it, and its listener. */
import { RemoteHits } from '../api/hit-routes.ts'
import { BadWords } from '../api/web/bad-words.ts'
import { ClickWay, OpenWay } from '../api/web/hit-ways.ts'
import { UnsubscribeWay } from '../api/web/unsubscribe-way.ts'
import { WebListener, type WebWay } from '../api/web/web-listener.ts'
import type { WebVisit } from '../api/web/web-visit.ts'
import type { Clock } from '../base/clock.ts'
import { webLimits } from '../base/limits/web-limits.ts'
import type { Log } from '../base/log.ts'
import { journalOf } from '../events/ids.ts'
import type { FeedbackRecorder } from '../feedback/finding.ts'
import type { HitRecorder } from '../feedback/hit.ts'
import { HitJournal } from '../feedback/hit-journal.ts'
import { HitQueue } from '../feedback/hit-queue.ts'
import { SharedHits } from '../feedback/shared-hits.ts'
import type { LinkSealer } from '../protocol/link-token.ts'
import type { Domain } from '../protocol/mailbox.ts'
import type { TokenSealer } from '../protocol/token.ts'
import type { Directory } from '../records/directory.ts'
import { CLICK_WAY, LinkHosts, OPEN_WAY, UNSUBSCRIBE_WAY } from '../records/domains/link-hosts.ts'
import { PeerNetworks } from '../smtp/peer-networks.ts'
import type { ServerTls } from '../smtp/server-tls.ts'
import type { EventLog } from '../spool/event-log.ts'
import { workerSocketFile } from './data-files.ts'
import { webPortIn } from './free-ports.ts'
import type { LiveConfig } from './live-config.ts'
import type { OpenFileShares } from './open-files.ts'
import { lastingTls } from './tls/lasting-tls.ts'
import { ownerOf, type WorkerPlace } from './worker-place.ts'

export interface WebSide {
  readonly listener: WebListener
  /** Counts what is made up. */
  readonly badWords: Pick<BadWords, 'forged'>
  /** What was seen and is not written yet. */
  readonly queue: Pick<HitQueue, 'settled'>
  /** Where other workers bring what they saw of messages of this process. */
  readonly hits: HitRecorder
  /** A reader of the sandbox opens a message, or follows a link. */
  readonly visit: (path: string) => void
}

/** `null`: no web is configured. */
export function composeLinks(live: LiveConfig, directory: () => Directory): LinkHosts | null {
  const { web } = live.current.config
  if (web === null) return null
  const isCertified = web.trackingHosts === 'all' ? () => true : certifiedBy(live)
  return new LinkHosts({ url: web.url, directory, isCertified })
}

export function composeWeb(parts: {
  readonly live: LiveConfig
  readonly place: WorkerPlace
  readonly links: LinkHosts | null
  readonly clock: Clock
  readonly sealer: TokenSealer
  readonly linkSealer: LinkSealer
  readonly recorder: FeedbackRecorder
  readonly spool: Pick<EventLog, 'keep' | 'received'>
  readonly openFiles: Pick<OpenFileShares, 'scale'>
  readonly log: Log
}): WebSide | null {
  const { clock, linkSealer, links: hosts, live, log, openFiles, place, recorder, sealer } = parts
  const { config } = live.current
  const { web } = config
  if (web === null || hosts === null) return null
  const badWords = new BadWords(clock)
  const unsubscribe = new UnsubscribeWay({ clock, log, sealer, hosts, recorder, badWords })
  const hits = new HitJournal({ events: parts.spool, clock, node: config.nodeName })
  const queue = new HitQueue(hitsOf(live, place, hits), log)
  const hit = { clock, sealer: linkSealer, queue, badWords }
  const ways = new Map<string, WebWay>([
    [UNSUBSCRIBE_WAY, unsubscribe],
    [CLICK_WAY, new ClickWay(hit)],
    [OPEN_WAY, new OpenWay(hit)],
  ])
  const listener = new WebListener({
    host: web.address.host,
    port: webPortIn(config, place.sharedPorts ?? []) ?? web.address.port,
    sharesPort: place.sharedPorts !== null,
    tls: lastingTls(() => live.current.tls.web),
    proxies: new PeerNetworks(web.trustedProxies),
    hosts,
    ways,
    connections: Math.ceil(webLimits.connections * openFiles.scale),
    log,
  })
  const visit = (path: string): void => {
    const segments = path.split('/').slice(1)
    void ways.get(segments[0] ?? '')?.answer(simulatedVisit(segments))
  }
  return { listener, badWords, queue, hits, visit }
}

function simulatedVisit(path: readonly string[]): WebVisit {
  return {
    ...{ method: 'GET', path, host: { kind: 'relay' }, peer: '127.0.0.1' },
    headers: { 'user-agent': 'Posthaste-Simulator/1 (Mobile)' },
    body: async () => null,
  }
}

function hitsOf(live: LiveConfig, place: WorkerPlace, own: HitRecorder): HitRecorder {
  if (place.count === 1) return own
  const { dataDir } = live.current.config
  const all = Array.from({ length: place.count }, (_, index) =>
    index === place.index ? own : new RemoteHits(workerSocketFile(dataDir, index)),
  )
  return new SharedHits((id) => all[ownerOf(place, journalOf(id))] ?? own)
}

/** Asked for each message, so what certificates say is remembered until they change. */
function certifiedBy(live: LiveConfig): (host: Domain) => boolean {
  let known: ServerTls | null = null
  const verdicts = new Map<Domain, boolean>()
  return (host) => {
    const { web } = live.current.tls
    if (web === null) return false
    if (web !== known) verdicts.clear()
    known = web
    const before = verdicts.get(host)
    if (before !== undefined) return before
    const verdict = web.isFor(host)
    verdicts.set(host, verdict)
    return verdict
  }
}
