// SPDX-License-Identifier: Apache-2.0
/**
 * One query to one server and its answer, by UDP or by TCP (RFC 7766). Each query has a socket of its own, and
 * with it a source port that the system draws at random; the socket is connected, so that the kernel drops what
 * comes from anywhere but the server (RFC 5452 §9).
 */
import { createSocket } from 'node:dgram'
import { connect, isIPv6 } from 'node:net'
import type { DurationMs } from '../base/brand.ts'
import type { Clock } from '../base/clock.ts'
import { dnsLimits } from '../base/limits/limits.ts'
import { formatDuration } from '../base/quantity.ts'
import { isAnswerTo } from './message.ts'

/** A recursive resolver that we ask. */
export interface NameServer {
  /** IPv4 or IPv6, with a zone where it is link-local. */
  readonly address: string
  readonly port: number
  /** Whether its AD bit may be believed: it and the way to it are ours. */
  readonly isTrusted: boolean
}

export type Exchanged =
  | { readonly kind: 'answered'; readonly octets: Buffer }
  | { readonly kind: 'failed'; readonly text: string }

/** How long to wait, and what ends the waiting early. */
export interface Patience {
  readonly clock: Clock
  readonly limit: DurationMs
  readonly signal: AbortSignal
}

/** Packets that do not answer `query` are passed over, `dnsLimits.strayAnswers` of them. */
export function exchangeByUdp(
  server: NameServer,
  query: Buffer,
  patience: Patience,
): Promise<Exchanged> {
  return settled(patience, (end) => {
    let strays = 0
    const socket = createSocket(isIPv6(server.address) ? 'udp6' : 'udp4')
    socket.on('error', (error) => end(failed(error.message)))
    socket.on('message', (octets) => {
      if (isAnswerTo(query, octets)) end({ kind: 'answered', octets })
      else if (++strays > dnsLimits.strayAnswers) end(failed('too many answers to other questions'))
    })
    socket.on('connect', () => socket.send(query))
    socket.connect(server.port, server.address)
    return () => socket.close()
  })
}

/** Length prefixes as in RFC 1035 §4.2.2; an answer is at most 65,535 octets by them. */
export function exchangeByTcp(
  server: NameServer,
  query: Buffer,
  patience: Patience,
): Promise<Exchanged> {
  return settled(patience, (end) => {
    let received: Buffer = Buffer.alloc(0)
    const socket = connect(server.port, server.address)
    socket.on('error', (error) => end(failed(error.message)))
    socket.on('close', () => end(failed('connection closed before the answer')))
    socket.on('connect', () => socket.write(prefixed(query)))
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      const octets = unprefixed(received)
      if (octets === null) return
      const isOurs = isAnswerTo(query, octets)
      end(isOurs ? { kind: 'answered', octets } : failed('an answer to another question'))
    })
    return () => socket.destroy()
  })
}

/** A message with its length before it, for a stream. */
export function prefixed(message: Buffer): Buffer {
  const framed = Buffer.allocUnsafe(message.length + 2)
  framed.writeUInt16BE(message.length, 0)
  message.copy(framed, 2)
  return framed
}

/** The first message of a stream, or `null` while it is not complete. */
export function unprefixed(stream: Buffer): Buffer | null {
  if (stream.length < 2) return null
  const end = stream.readUInt16BE(0) + 2
  return stream.length < end ? null : stream.subarray(2, end)
}

/** Runs `start` until it, the time or the signal ends it; what `start` returns frees its socket. */
function settled(
  { clock, limit, signal }: Patience,
  start: (end: (result: Exchanged) => void) => () => void,
): Promise<Exchanged> {
  if (signal.aborted) return Promise.resolve(failed('the resolver is closed'))
  return new Promise((resolve) => {
    let isOver = false
    const timer = clock.after(limit, () => end(failed(`no answer in ${formatDuration(limit)}`)))
    const onAbort = (): void => end(failed('the resolver is closed'))
    signal.addEventListener('abort', onAbort)
    const free = start(end)
    function end(result: Exchanged): void {
      if (isOver) return
      isOver = true
      timer.cancel()
      signal.removeEventListener('abort', onAbort)
      free()
      resolve(result)
    }
  })
}

function failed(text: string): Exchanged {
  return { kind: 'failed', text }
}
