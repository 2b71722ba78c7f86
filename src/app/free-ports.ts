// SPDX-License-Identifier: Apache-2.0
/**
 * The ports that workers will share. Two programs of one user may share a port without a word and split the mail, so
 * each is bound for one alone first.
 */
import { createServer } from 'node:net'
import { systemCode } from '../base/errors.ts'
import { cannotListen } from '../base/port-refusal.ts'
import type { Random } from '../base/random.ts'
import type { Config } from './config/config.ts'
import type { HostPort } from './config/key-types.ts'

/**
 * A configured port 0 becomes one of these: below those that the system lends to anybody (from 32768 on Linux, 49152 by
 * RFC 6335), so that nobody is lent it between this look and the workers' own.
 */
const FIRST_PORT = 20_000
const PORTS = 12_000
const TRIES = 20

/** In the order of listeners and their addresses, then the API's, then the web's. A configured port 0 becomes a real one. Throws `RLY_PORT_IN_USE`. */
export async function freePorts(
  { api, listeners, web }: Config,
  random: Random,
): Promise<readonly number[]> {
  const ports: number[] = []
  const add = async (address: HostPort, key: string) => {
    ports.push(
      await (address.port === 0
        ? unlentPort(address.host, key, random, ports)
        : probe(address, key)),
    )
  }
  for (const { name, addresses } of listeners)
    for (const address of addresses) await add(address, addressKeyOf(name))
  if (api !== null) await add(api.address, 'api.address')
  if (web !== null) await add(web.address, 'web.address')
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

/** One that nobody has, and that is none of `others`. Throws `RLY_PORT_IN_USE`. */
export async function unlentPort(
  host: string,
  key: string,
  random: Random,
  others: readonly number[] = [],
): Promise<number> {
  for (let left = TRIES; ; left--) {
    const port = FIRST_PORT + Math.floor(random.fraction() * PORTS)
    if (others.includes(port)) continue
    try {
      return await probe({ host, port }, key)
    } catch (thrown) {
      if (left <= 1 || !isTaken(thrown)) throw thrown
    }
  }
}

function isTaken(thrown: unknown): boolean {
  return thrown instanceof Error && systemCode(thrown.cause) === 'EADDRINUSE'
}

/** Its port, if nobody has it. */
function probe({ host, port }: HostPort, key: string): Promise<number> {
  const server = createServer()
  return new Promise((resolve, reject) => {
    server.once('error', (thrown) => reject(cannotListen(key, host, port, thrown)))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(port)))
  })
}
