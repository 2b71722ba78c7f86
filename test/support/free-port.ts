// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events'
import { connect } from 'node:net'
import { unlentPort } from '../../src/app/free-ports.ts'
import { SystemRandom } from '../../src/base/random.ts'
import { until } from './in-time.ts'

/** A port of loopback that was free just now: for programs that cannot take port 0. */
export function freePort(): Promise<number> {
  return unlentPort('127.0.0.1', 'port of a test', new SystemRandom())
}

/** Resolves when somebody listens there; `log` explains a failure. */
export async function untilListening(port: number, log: () => string): Promise<void> {
  await until(
    () => isOpen(port),
    () => `nobody listens on port ${port}:\n${log()}`,
  )
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    // Refused: not yet.
    return false
  } finally {
    socket.destroy()
  }
}
