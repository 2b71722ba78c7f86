// SPDX-License-Identifier: Apache-2.0
/**
 * The port that workers will share. Two programs of one user may share a port without a word and split the mail, so
 * it is bound for one alone first.
 */
import { createServer } from 'node:net'
import { cannotListen } from '../base/port-refusal.ts'
import type { Config } from './config/config.ts'

/** A configured port 0 becomes a real one. Throws `RLY_PORT_IN_USE`. */
export function freeSubmissionPort({ listen: { submission } }: Config): Promise<number> {
  const { host, port } = submission.address
  const probe = createServer()
  return new Promise((resolve, reject) => {
    probe.once('error', (thrown) =>
      reject(cannotListen('listen.submission.address', host, port, thrown)),
    )
    probe.listen({ host, port, exclusive: true }, () => {
      const bound = probe.address()
      const free = bound !== null && typeof bound === 'object' ? bound.port : port
      probe.close(() => resolve(free))
    })
  })
}
