// SPDX-License-Identifier: Apache-2.0
/** What recipients reach, on a real port, over a journal in memory and two domains that are set up. */
import { type IncomingHttpHeaders, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { BadWords } from '../../src/api/web/bad-words.ts'
import { ClickWay, OpenWay } from '../../src/api/web/hit-ways.ts'
import { UnsubscribeWay } from '../../src/api/web/unsubscribe-way.ts'
import { WebListener, type WebWay } from '../../src/api/web/web-listener.ts'
import { instant } from '../../src/base/brand.ts'
import { Keyring } from '../../src/base/keyring.ts'
import { webLimits } from '../../src/base/limits/web-limits.ts'
import { createLog } from '../../src/base/log.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { type MessageId, messageIdOctets } from '../../src/events/ids.ts'
import { FeedbackJournal } from '../../src/feedback/feedback-journal.ts'
import { HitJournal } from '../../src/feedback/hit-journal.ts'
import { HitQueue } from '../../src/feedback/hit-queue.ts'
import { LinkSealer } from '../../src/protocol/link-token.ts'
import { type Mailbox, parseMailbox } from '../../src/protocol/mailbox.ts'
import { TokenSealer } from '../../src/protocol/token.ts'
import type { Directory } from '../../src/records/directory.ts'
import {
  CLICK_WAY,
  LinkHosts,
  OPEN_WAY,
  UNSUBSCRIBE_WAY,
} from '../../src/records/domains/link-hosts.ts'
import type { Slug } from '../../src/records/records.ts'
import { PeerNetworks } from '../../src/smtp/peer-networks.ts'
import { clock, MemoryEvents, MemoryReports } from './feedback-samples.ts'
import { sampleDomain } from './sample-domains.ts'

const keyring = new Keyring(new Map([[1, Buffer.alloc(32, 7)]]), new SeededRandom(1))
const DAY_MS = 86_400_000

export interface Answered {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface Asked {
  readonly method?: string
  readonly host?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export class WebRig implements AsyncDisposable {
  readonly events = new MemoryEvents()
  readonly badWords = new BadWords(clock)
  readonly sealer = new TokenSealer(keyring)
  readonly linkSealer = new LinkSealer(keyring)
  readonly queue: HitQueue
  readonly hosts = new LinkHosts({
    url: 'https://links.relay.example',
    directory: () => directory,
    isCertified: (host) => host === 'click.shop.example',
  })
  readonly #listener: WebListener
  port = 0

  static async start(proxies: PeerNetworks = new PeerNetworks([])): Promise<WebRig> {
    const rig = new WebRig(proxies)
    const [bound] = await rig.#listener.listen()
    rig.port = bound?.port ?? 0
    return rig
  }

  private constructor(proxies: PeerNetworks) {
    const log = createLog('error', { write: () => {} })
    const { badWords, events, hosts, sealer } = this
    const memory = new MemoryReports()
    const onBounce = () => {}
    const recorder = new FeedbackJournal({ events, memory, clock, node: 'relay', onBounce })
    const unsubscribe = new UnsubscribeWay({ clock, log, sealer, hosts, recorder, badWords })
    this.queue = new HitQueue(new HitJournal({ events, clock, node: 'relay' }), log)
    const hit = { clock, sealer: this.linkSealer, queue: this.queue, badWords }
    this.#listener = new WebListener({
      ...{ host: '127.0.0.1', port: 0, sharesPort: false, tls: null },
      ...{ proxies, hosts, log, connections: webLimits.connections },
      ways: new Map<string, WebWay>([
        [UNSUBSCRIBE_WAY, unsubscribe],
        [CLICK_WAY, new ClickWay(hit)],
        [OPEN_WAY, new OpenWay(hit)],
      ]),
    })
  }

  /** For the first recipient, good for a year unless `lasts` days say otherwise. */
  token(id: MessageId, recipient: string, lasts = 365): string {
    const expiresAt = instant(clock.now() + lasts * DAY_MS)
    const octets = messageIdOctets(id)
    return this.sealer.seal('shop', octets, 0, parseMailbox(recipient) as Mailbox, expiresAt)
  }

  /** A link to `target`, of the first recipient. */
  click(id: MessageId, target: string, sealedFor: string = target): string {
    const token = { messageId: messageIdOctets(id), recipientIndex: 0 }
    const word = this.linkSealer.seal(token, 'click', sealedFor)
    return `/c/${word}/${Buffer.from(target).toString('base64url')}`
  }

  picture(id: MessageId): string {
    const token = { messageId: messageIdOctets(id), recipientIndex: 0 }
    return `/o/${this.linkSealer.seal(token, 'open', '')}.gif`
  }

  async ask(path: string, asked: Asked = {}): Promise<Answered> {
    const { body, headers = {}, host = 'click.shop.example', method = 'GET' } = asked
    const { promise, resolve, reject } = Promise.withResolvers<Answered>()
    const sent = request({
      ...{ host: '127.0.0.1', port: this.port, path, method, agent: false },
      headers: { host, ...headers },
    })
    sent.once('error', reject)
    sent.once('response', (answer) =>
      text(answer).then(
        (body) => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }),
        reject,
      ),
    )
    sent.end(body)
    return promise
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listener.close()
  }
}

const verified = { state: 'verified', lacks: [] } as const
const domains = [
  sampleDomain('shop.example', { ...verified, tenant: 'shop' as Slug }),
  sampleDomain('news.example', { ...verified, tenant: 'news' as Slug }),
  sampleDomain('new.example', { tenant: 'new' as Slug }),
]

const directory = {
  domains: new Map(domains.map((domain) => [domain.name, domain])),
} as unknown as Directory
