// SPDX-License-Identifier: Apache-2.0
/**
 * What a listener shows in handshakes: TLS 1.2 or later, a certificate by the name that the client asks for (SNI, RFC
 * 6066 §3), tickets that other processes of this relay can read, and a client's certificate where it has one.
 *
 * Known limits: a ticket of the keys before is not read, so its client shakes hands in full.
 */
import { constants, createHash, X509Certificate } from 'node:crypto'
import type { Socket } from 'node:net'
import {
  createSecureContext,
  type SecureContext,
  type SecureContextOptions,
  TLSSocket,
} from 'node:tls'
import type { SessionTls } from '../protocol/smtp/session-policy.ts'

/** PEM: a certificate with its chain, and its key. */
export interface CertifiedKey {
  readonly cert: string
  readonly key: string
}

export interface ServerTlsOptions {
  /** At least one. The first is for clients that ask for no name, or for one that none has. */
  readonly certificates: readonly CertifiedKey[]
  /** PEM of authorities; `null`: clients are asked for no certificate. */
  readonly clientCa: string | null
  /** 48 octets that all processes of a relay share; `null`: drawn by OpenSSL. */
  readonly ticketKeys: Buffer | null
}

/** TLS 1.3's, then those of 1.2 that have forward secrecy and AEAD (RFC 9325 §4.2). */
const CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':')

export class ServerTls {
  readonly #shown: readonly {
    readonly certificate: X509Certificate
    readonly options: SecureContextOptions
    readonly context: SecureContext
  }[]
  readonly #asksForCertificate: boolean

  /** Throws what OpenSSL says of a certificate, key or authority that cannot be used. */
  constructor({ certificates, clientCa, ticketKeys }: ServerTlsOptions) {
    this.#asksForCertificate = clientCa !== null
    this.#shown = certificates.map(({ cert, key }) => {
      const options: SecureContextOptions = {
        cert,
        key,
        ciphers: CIPHERS,
        minVersion: 'TLSv1.2',
        secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
        // A ticket carries the verdict on the client's certificate: it is worth nothing before other authorities.
        sessionIdContext: createHash('sha256')
          .update(clientCa ?? '')
          .digest('hex')
          .slice(0, 32),
        ...(clientCa === null ? {} : { ca: clientCa }),
        ...(ticketKeys === null ? {} : { ticketKeys }),
      }
      const certificate = new X509Certificate(cert)
      return { certificate, options, context: createSecureContext(options) }
    })
  }

  /** For servers that make their sockets themselves: what is shown to who asks for no name. */
  get usual(): SecureContextOptions {
    return this.#shown[0]?.options ?? {}
  }

  /** Takes the socket over. `onSecure` is called once the handshake is done, and never where it fails. */
  secure(socket: Socket, onSecure: (tls: SessionTls) => void): TLSSocket {
    const secured = new TLSSocket(socket, {
      isServer: true,
      secureContext: this.contextFor(null),
      requestCert: this.#asksForCertificate,
      rejectUnauthorized: false,
      SNICallback: (name, done) => done(null, this.contextFor(name)),
    })
    secured.once('secure', () =>
      onSecure({
        version: secured.getProtocol() ?? 'unknown',
        cipher: secured.getCipher().name,
        clientCertificate: this.#asksForCertificate ? verifiedCertificate(secured) : null,
      }),
    )
    return secured
  }

  /** Whether one of the certificates is for that name. */
  isFor(name: string): boolean {
    return this.#shown.some(({ certificate }) => certificate.checkHost(name) !== undefined)
  }

  /** `null`: the client asks for no name. */
  contextFor(name: string | null): SecureContext | undefined {
    const named = this.#shown.find(
      ({ certificate }) => name !== null && certificate.checkHost(name) !== undefined,
    )
    return (named ?? this.#shown[0])?.context
  }
}

/** `null`: the client has shown none, or one that no authority of ours vouches for. */
function verifiedCertificate(socket: TLSSocket): X509Certificate | null {
  const certificate = socket.getPeerX509Certificate() ?? null
  return certificate !== null && verdictOn(socket) === null ? certificate : null
}

/** Node publishes OpenSSL's verdict only on sockets that its own `tls.Server` has made. */
function verdictOn(socket: TLSSocket): unknown {
  const { ssl } = socket as { readonly ssl?: { readonly verifyError?: () => unknown } }
  return ssl?.verifyError === undefined ? 'unknown' : ssl.verifyError()
}
