// SPDX-License-Identifier: Apache-2.0
/** Whether connections can be made from an address: a socket is bound to it, and closed. */
import { createServer } from 'node:net'
import { messageOf, systemCode } from '../base/errors.ts'

/** What is wrong, in words; `null`: nothing. */
export function tryAddress(address: string): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error) =>
      resolve(systemCode(error) === 'EADDRNOTAVAIL' ? 'no interface has it' : messageOf(error)),
    )
    server.listen({ host: address, port: 0, exclusive: true }, () =>
      server.close(() => resolve(null)),
    )
  })
}
