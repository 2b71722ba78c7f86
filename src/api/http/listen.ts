// SPDX-License-Identifier: Apache-2.0
/** Puts an HTTP listener on its port, alone. */
import type { FastifyInstance } from 'fastify'
import { cannotListen } from '../../base/port-refusal.ts'

/** Throws `RLY_PORT_IN_USE`; `key` is what the configuration calls the address. Returns the port. */
export async function listenOn(
  app: FastifyInstance,
  key: string,
  host: string,
  port: number,
): Promise<number> {
  try {
    await app.listen({ host, port, exclusive: true })
  } catch (thrown) {
    // The port is taken, or not ours to have.
    throw thrown instanceof Error ? cannotListen(key, host, port, thrown) : thrown
  }
  const address = app.server.address()
  return typeof address === 'object' && address ? address.port : port
}
