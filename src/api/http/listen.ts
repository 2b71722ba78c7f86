// SPDX-License-Identifier: Apache-2.0
/** Puts an HTTP listener on its port, or on a socket of this host. */
import { chmod, unlink } from 'node:fs/promises'
import type { FastifyInstance } from 'fastify'
import { systemCode } from '../../base/errors.ts'
import { cannotListen } from '../../base/port-refusal.ts'

export type ApiPlace =
  /** `sharesPort`: other processes of this relay listen on it too. */
  | {
      readonly kind: 'address'
      readonly host: string
      readonly port: number
      readonly sharesPort: boolean
    }
  /** The relay's user alone may open it. */
  | { readonly kind: 'socket'; readonly path: string }

/** Throws `RLY_PORT_IN_USE`; `key` is what the configuration calls the address. Returns the ports. */
export async function listenOn(
  app: FastifyInstance,
  key: string,
  place: ApiPlace,
): Promise<readonly { readonly host: string; readonly port: number }[]> {
  if (place.kind === 'socket') {
    await listenOnSocket(app, place.path)
    return []
  }
  const { host, port, sharesPort } = place
  try {
    await app.listen({ host, port, exclusive: true, ...(sharesPort && { reusePort: true }) })
  } catch (thrown) {
    // The port is taken, or not ours to have.
    throw thrown instanceof Error ? cannotListen(key, host, port, thrown) : thrown
  }
  outlastErrors(app)
  const address = app.server.address()
  return [{ host, port: typeof address === 'object' && address ? address.port : port }]
}

/** The data directory's lock is ours, so a socket file that is there was left by a dead process. */
export async function listenOnSocket(app: FastifyInstance, path: string): Promise<void> {
  await unlink(path).catch((thrown: unknown) => {
    if (systemCode(thrown) !== 'ENOENT') throw thrown
  })
  await app.listen({ path })
  outlastErrors(app)
  await chmod(path, 0o600)
}

/** No file descriptor left, most likely: whoever comes is not taken, and the others go on. An error that nobody hears ends the process. */
function outlastErrors(app: FastifyInstance): void {
  app.server.on('error', () => {})
}
