// SPDX-License-Identifier: Apache-2.0
/**
 * TLS towards receivers (RFC 3207, RFC 7435): who is trusted, whether a certificate is good for the host that was called, and
 * the sessions that a later handshake resumes (RFC 8446 §2.2) instead of paying for a whole one.
 *
 * Known limits: revocation is not asked for. An MX host's name is as sure as the DNS that gave it: only `names` protect from
 * a forged MX record.
 */
import { isIP, type Socket } from 'node:net'
import {
  checkServerIdentity,
  connect,
  createSecureContext,
  getCACertificates,
  type SecureContext,
  type TLSSocket,
} from 'node:tls'
import { ms } from '../base/brand.ts'
import type { Clock } from '../base/clock.ts'
import { clientLimits } from '../base/limits/limits.ts'
import { TtlCache } from '../base/ttl-cache.ts'
import type { TlsFacts } from '../events/event.ts'

/** Whom a handshake is with. */
export interface TlsPeer {
  /** For SNI, and what the certificate must be for where `tlsNames` is empty. */
  readonly host: string
  readonly address: string
  readonly port: number
  /** The certificate must be for one of these. */
  readonly tlsNames: readonly string[]
}

/** A handshake under way; the getters are for after it. */
export interface Securing {
  readonly socket: TLSSocket
  /** A session of before was offered: where the handshake fails, that may be why. */
  readonly isResuming: boolean
  facts(): TlsFacts
  /** Why the certificate is not good, as a phrase; `null` where it is. */
  problem(): string | null
}

interface KeptSession {
  readonly ticket: Buffer
  /** Of the certificate, when it was shown: a resumed handshake shows none. */
  readonly problem: string | null
}

export class ClientTls {
  readonly #authorities: string | null
  readonly #sessions: TtlCache<KeptSession>
  #context: SecureContext | null = null

  /** `authorities`: PEM, trusted beside those that Node trusts. */
  constructor(clock: Clock, authorities: string | null = null) {
    this.#authorities = authorities
    this.#sessions = new TtlCache(clock, clientLimits.tlsSessions)
  }

  /** Begins a handshake on `plain`, on which nobody listens any more. */
  secure(plain: Socket, peer: TlsPeer): Securing {
    const key = sessionKey(peer)
    const kept = this.#sessions.get(key)?.value ?? null
    const socket = connect({
      socket: plain,
      secureContext: this.#contextOfAll(),
      rejectUnauthorized: false,
      checkServerIdentity: (_, certificate) => nameProblem(peer, certificate),
      ...(kept === null ? {} : { session: kept.ticket }),
      ...(isIP(peer.host) === 0 ? { servername: peer.host } : {}),
    })
    const problem = (): string | null =>
      kept !== null && socket.isSessionReused() ? kept.problem : certificateProblem(socket)
    socket.on('session', (ticket: Buffer) =>
      this.#sessions.set(key, { ticket, problem: problem() }, ms(clientLimits.tlsSessionMs)),
    )
    return {
      socket,
      isResuming: kept !== null,
      problem,
      facts: () => ({
        version: socket.getProtocol() ?? 'unknown',
        cipher: socket.getCipher().name,
        verified: problem() === null,
      }),
    }
  }

  /** After a handshake that failed with a session of before. */
  forget(peer: TlsPeer): void {
    this.#sessions.delete(sessionKey(peer))
  }

  /** Loading certificate authorities costs milliseconds: once, at the first handshake. */
  #contextOfAll(): SecureContext {
    this.#context ??= createSecureContext(
      this.#authorities === null
        ? {}
        : { ca: [...getCACertificates('default'), this.#authorities] },
    )
    return this.#context
  }
}

function sessionKey({ host, address, port, tlsNames }: TlsPeer): string {
  return `${host}[${address}]:${port} ${tlsNames.join(' ')}`
}

function nameProblem(
  { host, tlsNames }: TlsPeer,
  certificate: Parameters<typeof checkServerIdentity>[1],
): Error | undefined {
  const names = tlsNames.length === 0 ? [host] : tlsNames
  const problems = names.map((name) => checkServerIdentity(name, certificate))
  return problems.includes(undefined) ? undefined : problems[0]
}

function certificateProblem(socket: TLSSocket): string | null {
  if (socket.authorized) return null
  // OpenSSL's or Node's code, whatever the types say.
  const code = String(socket.authorizationError)
  return words[code] ?? code
}

const words: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is signed by itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'its authority is not trusted here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its authority is not trusted here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its authority is not trusted here',
  ERR_TLS_CERT_ALTNAME_INVALID: 'it is for another name',
}
