// SPDX-License-Identifier: Apache-2.0
/**
 * The ports that workers will share. Two programs of one user may share a port without a word and split the mail, so
 * each is bound for one alone first.
 */
import { createServer } from 'node:net'
import { cannotListen } from '../base/port-refusal.ts'
import type { Config } from './config/config.ts'
import type { HostPort } from './config/key-types.ts'

/** In the order of listeners and their addresses, then the API's, then the web's. A configured port 0 becomes a real one. Throws `RLY_PORT_IN_USE`. */
export async function freePorts({ api, listeners, web }: Config): Promise<readonly number[]> {
  const ports: number[] = []
  for (const { name, addresses } of listeners)
    for (const address of addresses) ports.push(await freePort(address, addressKeyOf(name)))
  if (api !== null) ports.push(await freePort(api.address, 'api.address'))
  if (web !== null) ports.push(await freePort(web.address, 'web.address'))
  return ports
}

/** Of those; `null`: no API is configured. */
export function apiPortIn({ api, web }: Config, ports: readonly number[]): number | null {
  if (api === null) return null
  return ports.at(web === null ? -1 : -2) ?? null
}

/** Of those; `null`: no web is configured. */
export function webPortIn({ web }: Config, ports: readonly number[]): number | null {
  return web === null ? null : (ports.at(-1) ?? null)
}

/** What messages call the addresses of a listener. */
export function addressKeyOf(listener: string): string {
  return `addresses of the listener "${listener}"`
}

function freePort({ host, port }: HostPort, key: string): Promise<number> {
  const probe = createServer()
  return new Promise((resolve, reject) => {
    probe.once('error', (thrown) => reject(cannotListen(key, host, port, thrown)))
    probe.listen({ host, port, exclusive: true }, () => {
      const bound = probe.address()
      const free = bound !== null && typeof bound === 'object' ? bound.port : port
      probe.close(() => resolve(free))
    })
  })
}
