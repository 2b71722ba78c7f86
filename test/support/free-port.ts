// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { until } from './in-time.ts'

/** Below those that the system lends to anybody, and that `serve --workers` takes for port 0. */
const FIRST_PORT = 10_000
const PORTS = 10_000

/** A port of loopback that was free just now: for programs that cannot take port 0. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS)
    const server = createServer().listen(port, '127.0.0.1')
    try {
      await once(server, 'listening')
    } catch {
      // Somebody has it.
      continue
    }
    server.close()
    await once(server, 'close')
    return port
  }
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
