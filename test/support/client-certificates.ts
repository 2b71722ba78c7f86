// SPDX-License-Identifier: Apache-2.0
/** An authority of a test, and certificates that it signs for clients. */
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import type { Certificate } from '../../src/app/self-signed-certificate.ts'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

export class TestAuthority {
  /** PEM. */
  readonly cert: string
  readonly #keys: webcrypto.CryptoKeyPair
  readonly #name: string

  static async make(name: string): Promise<TestAuthority> {
    const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      name: [{ CN: [name] }],
      signingAlgorithm: ALGORITHM,
      keys,
      extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
    })
    return new TestAuthority(certificate.toString('pem'), keys, name)
  }

  private constructor(cert: string, keys: webcrypto.CryptoKeyPair, name: string) {
    this.cert = cert
    this.#keys = keys
    this.#name = name
  }

  /** For a host or a client called `name`; until `end`, by default for a year. */
  async sign(name: string, end?: Date): Promise<Certificate> {
    const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
    const certificate = await x509.X509CertificateGenerator.create({
      subject: [{ CN: [name] }],
      issuer: [{ CN: [this.#name] }],
      ...(end === undefined ? {} : { notBefore: new Date(0), notAfter: end }),
      signingAlgorithm: ALGORITHM,
      publicKey: keys.publicKey,
      signingKey: this.#keys.privateKey,
      extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: name }])],
    })
    const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey))
    return {
      cert: certificate.toString('pem'),
      key: `-----BEGIN PRIVATE KEY-----\n${key.toString('base64')}\n-----END PRIVATE KEY-----\n`,
    }
  }
}
