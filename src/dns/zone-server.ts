// SPDX-License-Identifier: Apache-2.0
/**
 * A small authoritative name server over data, with real packets by UDP and TCP: for tests, the demo and
 * rehearsals. Names may be told to misbehave. It also sets RA, so that a stub resolver can take it for a recursive one.
 */
import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import {
  AUTHENTIC_DATA,
  AUTHORITATIVE_ANSWER,
  type DecodedPacket,
  decode,
  encode,
  type Question,
  RECURSION_AVAILABLE,
  RECURSION_DESIRED,
  TRUNCATED_RESPONSE,
} from 'dns-packet'
import { systemCode } from '../base/errors.ts'
import { dnsLimits } from '../base/limits/limits.ts'
import { lowerCase } from './answer.ts'
import { prefixed, unprefixed } from './exchange.ts'
import { type DnsRecord, ednsRecord, Rcode } from './message.ts'
import { Zone } from './zone.ts'
import { parseZoneFile } from './zone-file.ts'

/** `truncate`: says by UDP that the answer is by TCP alone. `drop`: does not answer. */
export type Misbehaviour = 'servfail' | 'refuse' | 'drop' | 'truncate' | 'nxdomain'

export interface ZoneServerOptions {
  readonly records?: readonly DnsRecord[]
  /** Records as text, see `parseZoneFile`. */
  readonly zone?: string
  /** By name, for all types. */
  readonly misbehaviour?: Readonly<Record<string, Misbehaviour>>
  /** Default 127.0.0.1. */
  readonly address?: string
  /** Default 0: the system chooses, the same for UDP and TCP. */
  readonly port?: number
  /** Says AD in every answer. */
  readonly isAuthentic?: boolean
  readonly onQuestion?: (asked: Asked) => void
}

export interface Asked {
  readonly name: string
  readonly type: string
  readonly by: 'udp' | 'tcp'
  /** Where the asker's socket is. */
  readonly port: number
}

/** RFC 1035 §4.2.1: what every client takes by UDP. */
const PLAIN_UDP_OCTETS = 512
/** A port that is free for TCP may be taken for UDP; then another is tried. */
const PORT_ATTEMPTS = 10

export class ZoneServer implements AsyncDisposable {
  readonly address: string
  readonly port: number
  readonly zone: Zone
  readonly #options: ZoneServerOptions
  readonly #misbehaviour: Map<string, Misbehaviour>
  readonly #udp: UdpSocket
  readonly #tcp: Server
  readonly #connections = new Set<Socket>()

  private constructor(options: ZoneServerOptions, udp: UdpSocket, tcp: Server) {
    this.#options = options
    this.zone = new Zone([...(options.records ?? []), ...parseZoneFile(options.zone ?? '')])
    this.#misbehaviour = new Map(Object.entries(options.misbehaviour ?? {}))
    this.#udp = udp
    this.#tcp = tcp
    this.address = udp.address().address
    this.port = udp.address().port
    udp.on('message', (octets, peer) => this.#answerByUdp(octets, peer))
    tcp.on('connection', (socket) => this.#serve(socket))
  }

  /** Resolves when it listens. */
  static async start(options: ZoneServerOptions = {}): Promise<ZoneServer> {
    const address = options.address ?? '127.0.0.1'
    for (let attempt = 1; ; attempt++) {
      const tcp = createServer()
      tcp.listen(options.port ?? 0, address)
      await once(tcp, 'listening')
      const { port } = tcp.address() as AddressInfo
      const udp = createSocket(address.includes(':') ? 'udp6' : 'udp4')
      try {
        udp.bind(port, address)
        await once(udp, 'listening')
        return new ZoneServer(options, udp, tcp)
      } catch (thrown) {
        // EADDRINUSE, where somebody has the UDP port; anything else is for the caller.
        tcp.close()
        if (systemCode(thrown) !== 'EADDRINUSE' || attempt === PORT_ATTEMPTS) throw thrown
      }
    }
  }

  /** From now on; `null`: well behaved again. */
  misbehave(name: string, how: Misbehaviour | null): void {
    if (how === null) this.#misbehaviour.delete(lowerCase(name))
    else this.#misbehaviour.set(lowerCase(name), how)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#connections) socket.destroy()
    this.#tcp.close()
    this.#udp.close()
    await Promise.all([once(this.#tcp, 'close'), once(this.#udp, 'close')])
  }

  #answerByUdp(octets: Buffer, peer: RemoteInfo): void {
    const answer = this.#answerTo(octets, 'udp', peer.port)
    if (answer !== null) this.#udp.send(answer, peer.port, peer.address)
  }

  #serve(socket: Socket): void {
    this.#connections.add(socket)
    let received: Buffer = Buffer.alloc(0)
    socket.on('close', () => this.#connections.delete(socket))
    // A client may reset the connection; 'close' follows.
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      for (let query = unprefixed(received); query !== null; query = unprefixed(received)) {
        received = received.subarray(query.length + 2)
        const answer = this.#answerTo(query, 'tcp', socket.remotePort ?? 0)
        if (answer !== null) socket.write(prefixed(answer))
      }
    })
  }

  #answerTo(octets: Buffer, by: 'udp' | 'tcp', port: number): Buffer | null {
    const query = readQuery(octets)
    const question = query?.questions?.[0]
    if (query === null || question === undefined) return null
    this.#options.onQuestion?.({ name: question.name, type: question.type, by, port })
    const how = this.#misbehaviour.get(lowerCase(question.name))
    if (how === 'drop') return null
    const answer = this.#encodeAnswer(query, question, how)
    if (by === 'tcp') return answer
    return how === 'truncate' || answer.length > udpRoom(query)
      ? encode({ ...headOf(query), flags: flagsOf(query) | TRUNCATED_RESPONSE })
      : answer
  }

  #encodeAnswer(query: DecodedPacket, question: Question, how: Misbehaviour | undefined): Buffer {
    const { rcode, answers, authorities } = this.#answerAs(question, how)
    const authentic = this.#options.isAuthentic === true ? AUTHENTIC_DATA : 0
    const packet = {
      ...headOf(query),
      flags: flagsOf(query) | authentic | rcode,
      answers: [...answers],
      authorities: [...authorities],
    }
    return encode(hasEdns(query) ? { ...packet, additionals: [ednsRecord(0)] } : packet)
  }

  #answerAs(question: Question, how: Misbehaviour | undefined): ReturnType<Zone['answer']> {
    if (how === 'servfail') return { rcode: Rcode.serverFailure, answers: [], authorities: [] }
    if (how === 'refuse') return { rcode: Rcode.refused, answers: [], authorities: [] }
    if (how !== 'nxdomain') return this.zone.answer(question)
    const soa = this.zone.soaFor(question.name)
    return { rcode: Rcode.noSuchDomain, answers: [], authorities: [soa] }
  }
}

function readQuery(octets: Buffer): DecodedPacket | null {
  try {
    const packet = decode(octets)
    return packet.flag_qr ? null : packet
  } catch {
    // dns-packet throws on what is no DNS message; nobody is answered.
    return null
  }
}

function headOf(query: DecodedPacket): { id: number; type: 'response'; questions: Question[] } {
  return { id: query.id ?? 0, type: 'response', questions: query.questions ?? [] }
}

function flagsOf(query: DecodedPacket): number {
  return AUTHORITATIVE_ANSWER | RECURSION_AVAILABLE | (query.flag_rd ? RECURSION_DESIRED : 0)
}

function hasEdns(query: DecodedPacket): boolean {
  return (query.additionals ?? []).some((record) => record.type === 'OPT')
}

function udpRoom(query: DecodedPacket): number {
  for (const record of query.additionals ?? [])
    if (record.type === 'OPT')
      return Math.min(Math.max(record.udpPayloadSize, PLAIN_UDP_OCTETS), dnsLimits.udpOctets)
  return PLAIN_UDP_OCTETS
}
