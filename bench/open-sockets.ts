// SPDX-License-Identifier: Apache-2.0
/** Connections that only stay open: sessions of clients to a relay, and a receiver that says nothing. */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

export interface OpenSockets extends Disposable {
  /** How many. */
  readonly open: number
}

/** `count` sessions that were greeted, one after the other, at a submission port. */
export async function idleSessions(port: number, count: number): Promise<OpenSockets> {
  const sockets: Socket[] = []
  let open = 0
  for (let at = 0; at < count; at++) {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    sockets.push(socket)
    if (await isGreeted(socket)) open++
  }
  return {
    open,
    [Symbol.dispose]: () => {
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** A receiver that takes connections and never greets. */
export async function silentReceiver(address: string, port: number): Promise<OpenSockets> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  }).listen({ port, host: address, backlog: 4_096 })
  await once(server, 'listening')
  return {
    get open() {
      return sockets.size
    },
    [Symbol.dispose]: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

function isGreeted(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    socket.once('data', (octets) => resolve(octets.toString('latin1').startsWith('220 ')))
    socket.once('close', () => resolve(false))
  })
}
