// SPDX-License-Identifier: Apache-2.0
/**
 * Everything around the relay: the providers' servers on loopback addresses with one port, the shop's own mailbox, and
 * the name server that leads to them. Real sockets and real packets.
 */

import { makeCertificate } from '../src/app/self-signed-certificate.ts'
import type { SinkMessage } from '../src/app/sink/sink-context.ts'
import { type SinkOptions, SinkServer } from '../src/app/sink/sink-server.ts'
import type { Clock } from '../src/base/clock.ts'
import { systemCode } from '../src/base/errors.ts'
import { SeededRandom, SystemRandom } from '../src/base/random.ts'
import { ZoneServer } from '../src/dns/zone-server.ts'
import {
  type DemoProvider,
  NULL_MX_DOMAIN,
  providers,
  RELAY_HOST,
  SHOP_ADDRESS,
  SHOP_DOMAIN,
  SHOP_MX_HOST,
} from './providers.ts'

export interface DemoWorld extends AsyncDisposable {
  /** Of all providers. */
  readonly port: number
  readonly dns: ZoneServer
}

export interface Arrivals {
  /** Before the provider's 250; may wait. */
  readonly onMessage: (provider: DemoProvider, message: SinkMessage) => Promise<void> | undefined
  /** A report has come back to the shop. */
  readonly onReport: (message: SinkMessage) => void
}

/** A port that is free on one address may be taken on another; then another is tried. */
const PORT_ATTEMPTS = 20

export function buildWorld(clock: Clock, arrivals: Arrivals): Promise<DemoWorld> {
  return buildWorldOf(zoneText(), () => serversOf(clock, arrivals))
}

/** Of other servers than those of the usual providers; `zone` leads to them. */
export async function buildWorldOf(
  zone: string,
  servers: () => Promise<readonly PlacedServer[]>,
): Promise<DemoWorld> {
  await using made = new AsyncDisposableStack()
  const port = await listenTogether(servers, made)
  const dns = made.use(await ZoneServer.start({ zone: `${RELAY_HOST} A 127.0.0.1\n${zone}` }))
  const kept = made.move()
  return { port, dns, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

export type PlacedServer = readonly [server: SinkServer, address: string]

async function serversOf(clock: Clock, arrivals: Arrivals): Promise<readonly PlacedServer[]> {
  const servers: PlacedServer[] = []
  for (const provider of providers) {
    if (provider.address === null) continue
    const server = new SinkServer({
      ...(await common(provider.mxHost, clock)),
      temperament: { ...provider.temperament, name: provider.name, host: provider.mxHost },
      onMessage: (message) => arrivals.onMessage(provider, message),
    })
    servers.push([server, provider.address])
  }
  const own = new SinkServer({
    ...(await common(SHOP_MX_HOST, clock)),
    temperament: { name: 'shop', host: SHOP_MX_HOST },
    onMessage: arrivals.onReport,
  })
  return [...servers, [own, SHOP_ADDRESS]]
}

async function common(host: string, clock: Clock): Promise<SinkOptions> {
  const certificate = await makeCertificate({ commonName: host }, clock, new SystemRandom())
  return { certificate, clock, random: new SeededRandom(host.length) }
}

/** All on the same port, for the relay has one port for all. */
async function listenTogether(
  make: () => Promise<readonly PlacedServer[]>,
  made: AsyncDisposableStack,
): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    await using attempted = new AsyncDisposableStack()
    try {
      let port = 0
      for (const [server, address] of await make()) {
        attempted.use(server)
        port = await server.listen(port, address)
      }
      made.use(attempted.move())
      return port
    } catch (thrown) {
      // Somebody has that port on one of the addresses.
      if (systemCode(thrown) !== 'EADDRINUSE' || attempt === PORT_ATTEMPTS) throw thrown
    }
  }
}

function zoneText(): string {
  const lines = [
    `${SHOP_DOMAIN} MX 10 ${SHOP_MX_HOST}`,
    `${SHOP_MX_HOST} A ${SHOP_ADDRESS}`,
    `${NULL_MX_DOMAIN} MX 0 .`,
  ]
  for (const { address, domains, mxHost } of providers) {
    if (address === null) continue
    lines.push(`${mxHost} A ${address}`, ...domains.map((domain) => `${domain} MX 10 ${mxHost}`))
  }
  return lines.join('\n')
}
