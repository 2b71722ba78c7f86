// SPDX-License-Identifier: Apache-2.0
/** What tests of the sending side share: a dial to a scripted receiver, a transaction, and whole polite scripts. */

import { AbortSet } from '../../src/base/abort-set.ts'
import { ms } from '../../src/base/brand.ts'
import { DeadlineWheel } from '../../src/base/deadline-wheel.ts'
import { clientLimits, clientTimeouts } from '../../src/base/limits/limits.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { type ConnectResult, HostConnector } from '../../src/delivery/routing/connect-hosts.ts'
import type { SiteRoute } from '../../src/delivery/routing/routing.ts'
import { TargetGuard } from '../../src/delivery/routing/target-guard.ts'
import type { Resolver } from '../../src/dns/resolver.ts'
import type { SiteName } from '../../src/protocol/mx.ts'
import type { EgressSource, EgressSourceName } from '../../src/queue/egress.ts'
import type { Dial } from '../../src/smtp/client-connection.ts'
import { connectSession } from '../../src/smtp/client-dial.ts'
import type { ClientSession, ClientTransaction } from '../../src/smtp/client-session.ts'
import { ClientTls } from '../../src/smtp/client-tls.ts'
import { SpareCalls } from '../../src/smtp/connection-race.ts'
import { PeerNetworks } from '../../src/smtp/peer-networks.ts'
import { MemoryContent } from '../../src/spool/content.ts'
import type { ScriptedPeer } from './scripted-receiver.ts'

/** A clock that a test turns, and the wheel on it. */
export interface TestTime {
  readonly clock: ManualClock
  readonly wheel: DeadlineWheel
}

export function standStill(): TestTime {
  const clock = new ManualClock()
  return { clock, wheel: new DeadlineWheel(clock) }
}

/** Past a deadline of `delay`, whatever the granule. */
export function turnPast(time: TestTime, delay: number): void {
  time.clock.advance(ms(delay + 1_000))
}

/** Some turns of the event loop: what one end of a loopback connection wrote, the other has read. */
export async function octetsArrive(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** Turns the clock by 10 s at a time until `running` has its value. */
export async function turnUntil<T>(time: TestTime, running: Promise<T>): Promise<T> {
  let isSettled = false
  void running.finally(() => {
    isSettled = true
  })
  while (!isSettled) {
    await octetsArrive()
    time.clock.advance(ms(10_000))
  }
  return running
}

export function dialTo(port: number, time: TestTime, changes: Partial<Dial> = {}): Dial {
  return {
    host: 'mx.example.net',
    address: '127.0.0.1',
    port,
    localAddress: null,
    hop: null,
    ehloName: 'relay.example.org',
    tls: 'opportunistic',
    tlsNames: [],
    security: new ClientTls(time.clock),
    mayPipeline: true,
    timeouts: clientTimeouts,
    limits: clientLimits,
    wheel: time.wheel,
    clock: time.clock,
    abort: new AbortSet(),
    ...changes,
  }
}

/** A session, or an error that says why there is none. */
export async function sessionWith(dial: Dial): Promise<ClientSession> {
  const result = await connectSession(dial)
  if (result.kind === 'connected') return result.session
  throw new Error(`no session: ${result.stage} ${result.reply.text}`)
}

export const CONTENT = 'Subject: a\r\n\r\n.dot\r\n..two\r\nend\r\n'

export function transaction(changes: Partial<ClientTransaction> = {}): ClientTransaction {
  return {
    reversePath: 'from@example.org',
    recipients: ['a@example.net', 'b@example.net'].map((forwardPath) => ({
      forwardPath,
      notify: null,
      originalRecipient: null,
    })),
    body: '7BIT',
    smtputf8: false,
    ret: null,
    envid: null,
    content: contentOf(CONTENT),
    ...changes,
  }
}

/** With a signature field of 11 octets before it. */
export function contentOf(text: string): ClientTransaction['content'] {
  const body = Buffer.from(text, 'latin1')
  return new MemoryContent(Buffer.from('X-Sig: ab\r\n'), body)
}

export const OFFERS_PIPELINING = ['PIPELINING', '8BITMIME', 'SIZE 100000', 'ENHANCEDSTATUSCODES']
export const OFFERS_CHUNKING = [...OFFERS_PIPELINING, 'CHUNKING']

/** Greets and answers EHLO with `keywords`. */
export async function greet(peer: ScriptedPeer, keywords: readonly string[]): Promise<void> {
  peer.send('220 mx.example.net ESMTP\r\n')
  await peer.readLine()
  answerEhlo(peer, keywords)
}

export function answerEhlo(peer: ScriptedPeer, keywords: readonly string[]): void {
  const lines = ['mx.example.net', ...keywords]
  peer.send(
    lines.map((line, at) => `250${at === lines.length - 1 ? ' ' : '-'}${line}\r\n`).join(''),
  )
}

/** Reads `count` command lines; they may come in one write. */
export async function readCommands(peer: ScriptedPeer, count: number): Promise<(string | null)[]> {
  const commands: (string | null)[] = []
  for (let at = 0; at < count; at++) commands.push(await peer.readLine())
  return commands
}

/** Each host name is an address, so nothing is asked of the DNS. */
export const noDns = new Proxy({} as Resolver, {
  get: () => () => Promise.resolve({ kind: 'failed', text: 'no DNS here' }),
})

/** Mail may go anywhere. */
export const noGuard = new TargetGuard({
  refused: new PeerNetworks([]),
  ownNames: [],
  listeners: [],
  ownAddresses: [],
})

/** All hosts are addresses, all of them may be called. */
export function connectorOn(time: TestTime): HostConnector {
  const random = new SeededRandom(1)
  const spareCalls = new SpareCalls(10)
  return new HostConnector({ resolver: noDns, guard: noGuard, random, spareCalls, ...time })
}

/** From the default source. */
export function connectBy(
  connector: HostConnector,
  route: SiteRoute,
  abort = new AbortSet(),
  source = viaDefaultSource,
): Promise<ConnectResult> {
  const { families } = source
  return connector.connect({ route, source, families, timeouts: clientTimeouts, abort })
}

export const viaDefaultSource: EgressSource = {
  name: 'default' as EgressSourceName,
  localAddress: null,
  families: [4],
  hop: null,
  ehloName: 'relay.example.org',
}

/** Hosts in order of preference, at one port. */
export function routeToHosts(
  port: number,
  hosts: readonly string[],
  changes: Partial<SiteRoute> = {},
): SiteRoute {
  return {
    kind: 'site',
    site: 'test' as SiteName,
    hosts: hosts.map((name, preference) => ({ name, preference })),
    port,
    tls: 'opportunistic',
    tlsNames: [],
    isSure: true,
    domainRule: null,
    addresses: new Map(),
    isConfigured: true,
    pool: null,
    freshUntil: ms(Number.POSITIVE_INFINITY),
    ...changes,
  }
}
