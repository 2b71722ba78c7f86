// SPDX-License-Identifier: Apache-2.0
/** Whether connections can be made from an address: a socket is bound to it, and closed. */
import { createServer } from 'node:net'
import { messageOf, systemCode } from '../base/errors.ts'
import type { Finding } from '../records/source-checkup.ts'

export function tryAddress(address: string): Promise<Finding> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error) => resolve(findingOf(address, error)))
    server.listen({ host: address, port: 0, exclusive: true }, () =>
      server.close(() => resolve({ state: 'ok', why: null })),
    )
  })
}

/** Only one failure is about the address; a process that has no file left, say, learns nothing of it. */
export function findingOf(address: string, error: unknown): Finding {
  return systemCode(error) === 'EADDRNOTAVAIL'
    ? { state: 'wrong', why: `${address} is not on this machine: no interface has it` }
    : { state: 'unknown', why: `${address} could not be tried: ${messageOf(error)}` }
}
