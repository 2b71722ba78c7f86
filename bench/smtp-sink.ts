// SPDX-License-Identifier: Apache-2.0
/**
 * The receiver of the hop benchmark, a process of its own, as cheap as can be: counts distinct Message-IDs and keeps
 * nothing. Offers PIPELINING, SIZE and 8BITMIME. For a receiver with manners see `src/app/sink`. Started by `hop.ts`, and
 * by `depth.ts` with an address and a port.
 */

import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'
import { SystemClock } from '../src/base/clock.ts'
import { numberOf } from './sample-message.ts'

export interface SinkCounts {
  /** Distinct numbers since the last `begin`. */
  readonly distinct: number
  /** Came again. */
  readonly duplicates: number
  /** Without a number of ours: a bounce, say. */
  readonly unknown: number
  readonly signed: number
  /** Wall clock, milliseconds, of the latest message. */
  readonly lastAt: number
}

/** `begin`: forgets all counts. `count`: asks for them. */
export type SinkOrder = 'begin' | 'count'

const clock = new SystemClock()
const END_OF_DATA = Buffer.from('\r\n.\r\n')
const EHLO = '250-sink.example\r\n250-PIPELINING\r\n250-SIZE 104857600\r\n250 8BITMIME\r\n'
const OK = '250 2.0.0 OK\r\n'

let seen = new Set<number>()
let counts = { duplicates: 0, unknown: 0, signed: 0, lastAt: 0 }

function count(content: Buffer): void {
  const header = content.subarray(0, content.indexOf('\r\n\r\n'))
  const number = numberOf(header)
  if (number === -1) counts.unknown++
  else if (seen.has(number)) counts.duplicates++
  else seen.add(number)
  if (header.includes('DKIM-Signature:')) counts.signed++
  counts.lastAt = clock.now()
}

function serve(socket: Socket): void {
  let held: Buffer = Buffer.alloc(0)
  let isContent = false
  let searched = 0
  // A relay that goes away is none of our business.
  socket.on('error', () => {})
  socket.write('220 sink.example ESMTP\r\n')
  socket.on('data', (octets: Buffer) => {
    held = held.length === 0 ? octets : Buffer.concat([held, octets])
    let replies = ''
    for (;;) {
      if (isContent) {
        const end = held.indexOf(END_OF_DATA, searched)
        searched = Math.max(0, held.length - END_OF_DATA.length + 1)
        if (end === -1) break
        count(held.subarray(0, end))
        held = held.subarray(end + END_OF_DATA.length)
        isContent = false
        replies += OK
      } else {
        const end = held.indexOf('\r\n')
        if (end === -1) break
        const verb = held.toString('latin1', 0, 4).toUpperCase()
        held = held.subarray(end + 2)
        searched = 0
        isContent = verb === 'DATA'
        replies += replyTo(verb)
        if (verb === 'QUIT') return void socket.end(replies, 'latin1')
      }
    }
    if (replies !== '' && socket.writable) socket.write(replies, 'latin1')
  })
}

function replyTo(verb: string): string {
  switch (verb) {
    case 'EHLO':
      return EHLO
    case 'DATA':
      return '354 go ahead\r\n'
    case 'QUIT':
      return '221 2.0.0 bye\r\n'
    default:
      return OK
  }
}

const server = createServer({ noDelay: true }, serve)
const [host = '127.0.0.1', port = '0'] = process.argv.slice(2)
server.listen(Number(port), host, () => process.send?.((server.address() as AddressInfo).port))

process.on('message', (order: SinkOrder) => {
  if (order === 'begin') {
    seen = new Set()
    counts = { duplicates: 0, unknown: 0, signed: 0, lastAt: 0 }
  }
  process.send?.({ ...counts, distinct: seen.size } satisfies SinkCounts)
})
