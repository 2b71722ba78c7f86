// SPDX-License-Identifier: Apache-2.0
/**
 * The port that workers will share. Two programs of one user may share a port without a word and split the mail, so
 * it is bound for one alone first.
 */
import { createServer } from 'node:net'
import { RelayError, systemCode } from '../base/errors.ts'
import type { Config } from './config/config.ts'

/** A configured port 0 becomes a real one. Throws `RLY_PORT_IN_USE`. */
export function freeSubmissionPort({ listen: { submission } }: Config): Promise<number> {
  const { host, port } = submission.address
  const probe = createServer()
  return new Promise((resolve, reject) => {
    probe.once('error', (thrown) => reject(inUse(host, port, thrown)))
    probe.listen({ host, port, exclusive: true }, () => {
      const bound = probe.address()
      const free = bound !== null && typeof bound === 'object' ? bound.port : port
      probe.close(() => resolve(free))
    })
  })
}

function inUse(host: string, port: number, thrown: Error): RelayError {
  const where = `${host}:${port} (listen.submission.address)`
  const why =
    systemCode(thrown) === 'EADDRINUSE'
      ? 'another program has the port; stop it, or give this listener another port'
      : thrown.message
  return new RelayError('RLY_PORT_IN_USE', `cannot listen on ${where}: ${why}`, { cause: thrown })
}
