// SPDX-License-Identifier: Apache-2.0
/**
 * A certificate that nobody vouches for, for the submission listener of a fresh installation and for the test
 * receiver: clients encrypt with it, and whoever verifies names is told by the operator what to trust. Node can use
 * certificates and cannot make them, so the few lines of DER that one needs (X.690, RFC 5280) are written here.
 */
import { generateKeyPairSync, sign } from 'node:crypto'
import { isIPv4 } from 'node:net'
import { type DurationMs, days, type Instant, plus } from '../base/brand.ts'
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

const SERIAL_OCTETS = 16
/** The clocks of two machines differ. */
const BACKDATED = days(-1)

/** ECDSA on P-256: a handshake costs a tenth of what RSA-2048 takes. */
export function makeCertificate(
  options: CertificateOptions,
  clock: Clock,
  random: Random,
): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const name = sequence(
    set(sequence(oid.commonName, der(Tag.utf8, Buffer.from(options.commonName)))),
  )
  const validity = sequence(
    time(plus(clock.now(), BACKDATED)),
    time(plus(clock.now(), options.lifetime ?? days(3_650))),
  )
  const toBeSigned = sequence(
    der(Tag.context0, integer(2)),
    der(Tag.integer, Buffer.concat([Buffer.of(1), random.bytes(SERIAL_OCTETS)])),
    sequence(oid.ecdsaWithSha256),
    name,
    validity,
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(Tag.context3, sequence(basicConstraints(), alternativeNames(options))),
  )
  const signature = sign('sha256', toBeSigned, privateKey)
  const certificate = sequence(
    toBeSigned,
    sequence(oid.ecdsaWithSha256),
    der(Tag.bits, Buffer.concat([Buffer.of(0), signature])),
  )
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: pem(certificate),
  }
}

/** X.690 §8.1.2, RFC 5280 appendix A. */
const Tag = {
  boolean: 0x01,
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  utf8: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
  dnsName: 0x82,
  ipAddress: 0x87,
  context0: 0xa0,
  context3: 0xa3,
} as const

/** Object identifiers with tag and length. */
const oid = {
  /** 2.5.4.3 */
  commonName: Buffer.from('0603550403', 'hex'),
  /** 1.2.840.10045.4.3.2 */
  ecdsaWithSha256: Buffer.from('06082a8648ce3d040302', 'hex'),
  /** 2.5.29.17 */
  alternativeNames: Buffer.from('0603551d11', 'hex'),
  /** 2.5.29.19 */
  basicConstraints: Buffer.from('0603551d13', 'hex'),
} as const

const TRUE = Buffer.from('0101ff', 'hex')

/** May vouch, but only for itself: some clients trust no certificate that may not. */
function basicConstraints(): Buffer {
  return sequence(oid.basicConstraints, TRUE, der(Tag.octets, sequence(TRUE, integer(0))))
}

function alternativeNames(options: CertificateOptions): Buffer {
  const names = [options.commonName, ...(options.names ?? [])]
  const entries = [
    ...names.map((name) => der(Tag.dnsName, Buffer.from(name))),
    ...(options.addresses ?? []).map((address) => der(Tag.ipAddress, addressOctets(address))),
  ]
  return sequence(oid.alternativeNames, der(Tag.octets, sequence(...entries)))
}

function addressOctets(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number))
  const [head = '', tail = ''] = address.split('::')
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'))
  const zeros = new Array(8 - groups(head).length - groups(tail).length).fill('0')
  const all = [...groups(head), ...zeros, ...groups(tail)]
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex')
}

/** RFC 5280 §4.1.2.5: two digits of the year until 2049. */
function time(at: Instant): Buffer {
  const digits = new Date(at).toISOString().replaceAll(/[-:T]|\.\d+/g, '')
  return digits < '2050'
    ? der(Tag.utcTime, Buffer.from(digits.slice(2)))
    : der(Tag.generalizedTime, Buffer.from(digits))
}

function integer(value: number): Buffer {
  return der(Tag.integer, Buffer.of(value))
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(Tag.sequence, Buffer.concat(parts))
}

function set(...parts: readonly Buffer[]): Buffer {
  return der(Tag.set, Buffer.concat(parts))
}

/** X.690 §8.1.3: up to 127 the length is one octet, above it is preceded by how many octets it has. */
function der(tag: number, value: Buffer): Buffer {
  if (value.length < 0x80) return Buffer.concat([Buffer.of(tag, value.length), value])
  const hex = value.length.toString(16)
  const length = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex')
  return Buffer.concat([Buffer.of(tag, 0x80 | length.length), length, value])
}

function pem(certificate: Buffer): string {
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}
