// SPDX-License-Identifier: Apache-2.0
/**
 * SOCKS version 5 as its client speaks it (RFC 1928, RFC 1929): what to say, and what is said. Addresses are literals, for names are looked
 * up by us.
 *
 *     methods ──0──▶ ready          methods ──2──▶ login ──0──▶ ready ──request──▶ reply
 */
import { isIpv4 } from './ip-address.ts'

/** RFC 1929 §2: each at most 255 octets. */
export interface SocksLogin {
  readonly user: string
  readonly password: string
}

export type Negotiated =
  /** More octets are needed. */
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'say'; readonly octets: Uint8Array }
  /** The request may be made. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly why: string }

export type SocksReply =
  | { readonly kind: 'incomplete' }
  /** `octets` long; what follows is the target's. */
  | { readonly kind: 'through'; readonly octets: number }
  /** `of`: who is at fault, as far as the reply says. */
  | { readonly kind: 'failed'; readonly of: 'proxy' | 'target'; readonly why: string }

const VERSION = 5
const LOGIN_VERSION = 1
const NO_LOGIN = 0
const BY_PASSWORD = 2
const NO_METHOD = 0xff
const ANSWER_OCTETS = 2
const incomplete = { kind: 'incomplete' } as const

export class SocksNegotiation {
  readonly #login: SocksLogin | null
  #state: 'methods' | 'login' | 'ready' = 'methods'

  constructor(login: SocksLogin | null) {
    this.#login = login
  }

  /** RFC 1928 §3: what we could do. */
  start(): Uint8Array {
    const methods = this.#login === null ? [NO_LOGIN] : [NO_LOGIN, BY_PASSWORD]
    return Uint8Array.from([VERSION, methods.length, ...methods])
  }

  /** `input`: all that came since the last answer that was read; one answer, and nothing after it. */
  read(input: Buffer): Negotiated {
    if (input.length < ANSWER_OCTETS) return incomplete
    if (input.length > ANSWER_OCTETS || this.#state === 'ready')
      return failed('it spoke out of turn')
    return this.#state === 'methods' ? this.#readMethod(input) : this.#readVerdict(input)
  }

  #readMethod(input: Buffer): Negotiated {
    const [version, method] = input
    if (version !== VERSION)
      return failed(`it answered with version ${version}: it is no SOCKS5 proxy`)
    if (method === NO_LOGIN) return this.#ready()
    if (method === BY_PASSWORD && this.#login !== null) {
      this.#state = 'login'
      return { kind: 'say', octets: loginOctets(this.#login) }
    }
    return failed(
      method === NO_METHOD
        ? 'it wants a login of another kind'
        : `it wants the method ${method}, which was not offered`,
    )
  }

  #readVerdict(input: Buffer): Negotiated {
    const [version, status] = input
    if (version !== LOGIN_VERSION) return failed('it answered the login with nonsense')
    return status === 0 ? this.#ready() : failed('it does not know our user or password')
  }

  #ready(): Negotiated {
    this.#state = 'ready'
    return { kind: 'ready' }
  }
}

/** RFC 1928 §4: CONNECT. */
export function socksRequest(address: string, port: number): Uint8Array {
  const isV4 = isIpv4(address)
  const host = addressOctets(address)
  return Uint8Array.from([VERSION, 1, 0, isV4 ? 1 : 4, ...host, port >> 8, port & 0xff])
}

/** `input`: all that came since the request. RFC 1928 §6. */
export function readSocksReply(input: Buffer): SocksReply {
  const [version, code = 0, , type, length = 0] = input
  if (version !== undefined && version !== VERSION) return nonsense('it answered with nonsense')
  if (input.length >= 2 && code !== 0) {
    const why = refusals[code] ?? `it refuses with ${code}`
    return { kind: 'failed', of: code === UNKNOWN_COMMAND ? 'proxy' : 'target', why }
  }
  if (input.length < 5) return incomplete
  const host = type === 1 ? 4 : type === 4 ? 16 : type === 3 ? 1 + length : null
  if (host === null) return nonsense(`its address is of the type ${type}`)
  const octets = 4 + host + 2
  return input.length < octets ? incomplete : { kind: 'through', octets }
}

const UNKNOWN_COMMAND = 7
/** All but the one are about where we want to go: a proxy must not be given up for one target. */
const refusals: Readonly<Record<number, string>> = {
  1: 'it could not connect',
  2: 'its rules do not let us go there',
  3: 'the network is unreachable',
  4: 'the host is unreachable',
  5: 'the connection was refused',
  6: 'the host did not answer',
  [UNKNOWN_COMMAND]: 'it does not know CONNECT',
  8: 'it does not know addresses of this family',
}

function loginOctets({ password, user }: SocksLogin): Uint8Array {
  const [name, secret] = [Buffer.from(user), Buffer.from(password)]
  return Buffer.concat([
    Buffer.from([LOGIN_VERSION, name.length]),
    name,
    Buffer.from([secret.length]),
    secret,
  ])
}

/** Four, or sixteen. */
export function addressOctets(address: string): readonly number[] {
  if (isIpv4(address)) return address.split('.').map(Number)
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const before = groupsIn(head)
  const after = tail === undefined ? [] : groupsIn(tail)
  const zeros = new Array<number>(8 - before.length - after.length).fill(0)
  return [...before, ...zeros, ...after].flatMap((group) => [group >> 8, group & 0xff])
}

function groupsIn(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
}

function failed(why: string): Negotiated {
  return { kind: 'failed', why }
}

function nonsense(why: string): SocksReply {
  return { kind: 'failed', of: 'proxy', why }
}
