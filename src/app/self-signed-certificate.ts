// SPDX-License-Identifier: Apache-2.0
/**
 * A certificate that nobody vouches for, for the submission listener of a fresh installation and for the test
 * receiver: clients encrypt with it, and whoever verifies names is told by the operator what to trust.
 */
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import { type DurationMs, days, plus } from '../base/brand.ts'
import type { Clock } from '../base/clock.ts'
import type { Random } from '../base/random.ts'

/** PEM: a PKCS #8 key and an X.509 certificate. */
export interface Certificate {
  readonly key: string
  readonly cert: string
}

export interface CertificateOptions {
  /** The subject's common name; also a DNS name. */
  readonly commonName: string
  /** More DNS names. */
  readonly names?: readonly string[]
  readonly addresses?: readonly string[]
  /** Default ten years: nothing renews it. */
  readonly lifetime?: DurationMs
}

/** ECDSA on P-256: a handshake costs a tenth of what RSA-2048 takes. */
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const SERIAL_OCTETS = 16
/** The clocks of two machines differ. */
const BACKDATED = days(-1)

export async function makeCertificate(
  options: CertificateOptions,
  clock: Clock,
  random: Random,
): Promise<Certificate> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const names = [options.commonName, ...(options.names ?? [])]
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    // A leading 1 keeps the number positive (RFC 5280 §4.1.2.2).
    serialNumber: `01${random.bytes(SERIAL_OCTETS).toString('hex')}`,
    name: [{ CN: [options.commonName] }],
    notBefore: new Date(plus(clock.now(), BACKDATED)),
    notAfter: new Date(plus(clock.now(), options.lifetime ?? days(3_650))),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      // It is its own issuer: clients that are told to trust it look for this (RFC 5280 §4.2.1.9).
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.SubjectAlternativeNameExtension([
        ...names.map((value) => ({ type: 'dns' as const, value })),
        ...(options.addresses ?? []).map((value) => ({ type: 'ip' as const, value })),
      ]),
    ],
  })
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey))
  return {
    key: pem('PRIVATE KEY', key),
    cert: pem('CERTIFICATE', Buffer.from(certificate.rawData)),
  }
}

/** RFC 7468 §2. */
function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}
