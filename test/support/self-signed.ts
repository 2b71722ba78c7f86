// SPDX-License-Identifier: Apache-2.0
/** A certificate that nobody vouches for, for receivers in tests. */
import { webcrypto } from 'node:crypto'
import { createRequire } from 'node:module'

export interface SelfSigned {
  /** PEM. */
  readonly key: string
  readonly cert: string
}

/** ECDSA P-256, for one day. */
export async function makeSelfSigned(name: string): Promise<SelfSigned> {
  const { X509CertificateGenerator } = loadX509()
  const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ])
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    notBefore: new Date(Date.now() - 3_600_000),
    notAfter: new Date(Date.now() + 86_400_000),
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    keys,
  })
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey))
  const lines = pkcs8.toString('base64').replaceAll(/(.{64})/g, '$1\n')
  return {
    key: `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`,
    cert: certificate.toString('pem'),
  }
}

/** The library's dependency injection asks for a Reflect polyfill, of which it needs the presence alone. */
function loadX509(): typeof import('@peculiar/x509') {
  const memory = new WeakMap<object, Map<unknown, unknown>>()
  const get = (key: unknown, target: object): unknown => memory.get(target)?.get(key)
  const defineMetadata = (key: unknown, value: unknown, target: object): void => {
    const known = memory.get(target) ?? new Map<unknown, unknown>()
    memory.set(target, known.set(key, value))
  }
  if (!('getMetadata' in Reflect))
    Object.assign(Reflect, { getMetadata: get, getOwnMetadata: get, defineMetadata })
  return createRequire(import.meta.url)('@peculiar/x509')
}
