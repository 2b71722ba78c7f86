// SPDX-License-Identifier: Apache-2.0
/** Why a listener cannot have its port, and what to do about it. */
import { RelayError, systemCode } from './errors.ts'

/** `RLY_PORT_IN_USE`. `key` is what the configuration calls the address. */
export function cannotListen(key: string, host: string, port: number, thrown: Error): RelayError {
  const where = `${host.includes(':') ? `[${host}]` : host}:${port} (${key})`
  return new RelayError('RLY_PORT_IN_USE', `cannot listen on ${where}: ${adviceFor(thrown)}`, {
    cause: thrown,
  })
}

function adviceFor(thrown: Error): string {
  switch (systemCode(thrown)) {
    case 'EADDRINUSE':
      return 'another program has the port; stop it, or give this listener another port'
    case 'EACCES':
      return 'ports below 1024 need the right to bind them; grant it, or take a higher port'
    case 'EADDRNOTAVAIL':
      return 'this machine does not have the address; listen on one of its own'
    default:
      return thrown.message
  }
}
