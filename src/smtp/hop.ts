// SPDX-License-Identifier: Apache-2.0
/**
 * A proxy on another machine that receivers see in our place, and the way through it to one of them: what to say first, and what to
 * make of what it says. Where it is at fault, and where the target is, are told apart as well as it says so: the first is the
 * source's trouble, the second the receiver's.
 */
import { proxyLine, proxyOctets } from '../protocol/proxy-header-writing.ts'
import {
  readSocksReply,
  type SocksLogin,
  SocksNegotiation,
  socksRequest,
} from '../protocol/socks5.ts'
import type { EgressHop } from '../queue/egress.ts'

export type Passage =
  /** `octets`: to be said now; `null`: it has more to say. */
  | { readonly kind: 'underway'; readonly octets: Uint8Array | null }
  /** `rest`: what the target has said already. */
  | { readonly kind: 'through'; readonly rest: Buffer }
  | { readonly kind: 'failed'; readonly of: 'proxy' | 'target'; readonly why: string }

const NOTHING = Buffer.alloc(0)

/** `10.0.0.9:1080`, or `[2001:db8::9]:1080`. */
export function hopName({ host, port }: EgressHop): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

export class HopPassage {
  readonly #hop: EgressHop
  readonly #target: { readonly address: string; readonly port: number }
  readonly #negotiation: SocksNegotiation
  #input: Buffer = NOTHING
  #hasAsked = false

  constructor(hop: EgressHop, target: { readonly address: string; readonly port: number }) {
    this.#hop = hop
    this.#target = target
    this.#negotiation = new SocksNegotiation(loginOf(hop))
  }

  /** Whether the proxy knows where we want to go: what goes wrong from then on is the target's as well as its own. */
  get hasAsked(): boolean {
    return this.#hasAsked
  }

  /** What is said once there is a connection. Nothing is awaited of a proxy that is told by a header. */
  start(): { readonly octets: Uint8Array; readonly isThrough: boolean } {
    const { address: target, port } = this.#target
    switch (this.#hop.kind) {
      case 'socks5':
        return { octets: this.#negotiation.start(), isThrough: false }
      case 'proxy-v1':
        return { octets: proxyLine({ source: this.#hop.from, target, port }), isThrough: true }
      case 'proxy-v2':
        return { octets: proxyOctets({ source: this.#hop.from, target, port }), isThrough: true }
    }
  }

  /** What it says: a few octets, and not one more than is asked for. */
  push(chunk: Buffer): Passage {
    this.#input = this.#input.length === 0 ? chunk : Buffer.concat([this.#input, chunk])
    return this.#hasAsked ? this.#readReply() : this.#negotiate()
  }

  #negotiate(): Passage {
    const step = this.#negotiation.read(this.#input)
    switch (step.kind) {
      case 'incomplete':
        return { kind: 'underway', octets: null }
      case 'say':
        this.#input = NOTHING
        return { kind: 'underway', octets: step.octets }
      case 'ready':
        this.#input = NOTHING
        this.#hasAsked = true
        return { kind: 'underway', octets: socksRequest(this.#target.address, this.#target.port) }
      case 'failed':
        return { kind: 'failed', of: 'proxy', why: step.why }
    }
  }

  #readReply(): Passage {
    const answer = readSocksReply(this.#input)
    switch (answer.kind) {
      case 'incomplete':
        return { kind: 'underway', octets: null }
      case 'through':
        return { kind: 'through', rest: this.#input.subarray(answer.octets) }
      case 'failed':
        return answer
    }
  }
}

export function loginOf(hop: EgressHop): SocksLogin | null {
  return hop.kind === 'socks5' ? hop.login : null
}
