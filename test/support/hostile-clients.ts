// SPDX-License-Identifier: Apache-2.0
/** Clients that make a server keep as much as it lets them, and never come to an end. */
import { connect, type Socket } from 'node:net'
import { ms } from '../../src/base/brand.ts'
import type { Clock } from '../../src/base/clock.ts'

/** From one address, fewer than a server allows. */
const CLIENTS_PER_ADDRESS = 150
const PAUSE = ms(20)
const GREETING = 'EHLO hostile.example\r\n'
const TRANSACTION = 'MAIL FROM:<orders@shop.example>\r\n'
const CONTENT = `${TRANSACTION}RCPT TO:<you@example.net>\r\nDATA\r\n`
const HEADER = 'From: <orders@shop.example>\r\n\r\n'

/** What each of them says, piece by piece. */
const HOSTILITIES = {
  /** A quarter of a MiB of content, and no end. */
  content: () => [CONTENT, HEADER, ...repeated(10, () => `${'x'.repeat(98)}\r\n`.repeat(250))],
  /** As much of a header section, and no blank line. */
  header: () => [CONTENT, ...repeated(50, (at) => `X-${at}: ${'y'.repeat(5_000)}\r\n`)],
  /** Recipients with every parameter at its longest, and no DATA. */
  recipients: () => [TRANSACTION, ...repeated(20, (at) => recipients(at, 50))],
  /** Commands without a pause, whose replies nobody reads. */
  flood: () => repeated(20, () => GREETING.repeat(1_000)),
} as const satisfies Record<string, () => readonly string[]>

export class HostileClients implements Disposable {
  readonly #sockets: Socket[] = []

  /** So many of each kind. Resolves when all have said what they could. */
  static async attack(port: number, clock: Clock, ofEach: number): Promise<HostileClients> {
    const clients = new HostileClients()
    const said = Object.entries(HOSTILITIES).flatMap(([kind, pieces]) =>
      Array.from({ length: ofEach }, () =>
        clients.#harass(port, clock, pieces(), kind === 'flood'),
      ),
    )
    await Promise.all(said)
    return clients
  }

  [Symbol.dispose](): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async #harass(
    port: number,
    clock: Clock,
    pieces: readonly string[],
    isDeaf: boolean,
  ): Promise<void> {
    const address = `127.0.${1 + Math.floor(this.#sockets.length / CLIENTS_PER_ADDRESS)}.1`
    const socket = connect({ host: '127.0.0.1', port, localAddress: address })
    this.#sockets.push(socket)
    // Whoever is cut has got what it deserves.
    socket.on('error', () => {})
    if (isDeaf) socket.pause()
    else socket.resume()
    socket.write(GREETING)
    for (const piece of pieces) {
      if (socket.destroyed) return
      socket.write(piece)
      await clock.sleep(PAUSE)
    }
  }
}

function repeated(times: number, make: (at: number) => string): readonly string[] {
  return Array.from({ length: times }, (_, at) => make(at))
}

function recipients(block: number, count: number): string {
  const domain = `${'d'.repeat(60)}.${'e'.repeat(60)}.example`
  const original = `ORCPT=rfc822;${'o'.repeat(480)}`
  return repeated(count, (at) => `RCPT TO:<${block}.${at}@${domain}> ${original}\r\n`).join('')
}
