// SPDX-License-Identifier: Apache-2.0
/**
 * SCRAM-SHA-256, the server's side (RFC 5802, RFC 7677): the client proves that it knows the secret without saying it,
 * and the server proves that it knows the same.
 *
 *   client-first ─▶ server-first (nonce, salt, iterations) ─▶ client-final (proof) ─▶ server-final (signature)
 *
 * Known limits: no channel binding (SCRAM-SHA-256-PLUS is not offered; docs/adr/0015), and nobody acts for another.
 */
import { createHash, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto'

/** What is kept of a secret. RFC 5802 §3. */
export interface ScramKeys {
  readonly salt: Uint8Array
  readonly iterations: number
  readonly storedKey: Uint8Array
  readonly serverKey: Uint8Array
}

export const SCRAM_KEY_OCTETS = 32

/** RFC 7677 §4 asks for at least 4,096; more would add nothing to 160 random bits. */
export const SCRAM_ITERATIONS = 4_096

/** The first message of a client. */
export interface ScramFirst {
  readonly userName: string
  readonly nonce: string
  /** `n,,` or the like: what the client says again, in base64. */
  readonly gs2Header: string
  readonly bare: string
}

/** What the last message of the client is checked with. */
export interface ScramExchange {
  readonly first: ScramFirst
  readonly keys: ScramKeys
  /** Of client and server. */
  readonly nonce: string
  readonly serverFirst: string
}

export interface ScramResult {
  readonly isProven: boolean
  /** Our own proof; only to be said to who has proven theirs. */
  readonly serverFinal: string
}

/** Costs milliseconds: for the making of a credential. */
export function scramKeysOf(secret: string, salt: Uint8Array): ScramKeys {
  const salted = pbkdf2Sync(secret, salt, SCRAM_ITERATIONS, SCRAM_KEY_OCTETS, 'sha256')
  return {
    salt,
    iterations: SCRAM_ITERATIONS,
    storedKey: hash(hmac(salted, 'Client Key')),
    serverKey: hmac(salted, 'Server Key'),
  }
}

const FIRST = /^([ny],(?:a=([^,]*))?,)(n=([^,]+),r=([!-+\--~]+)(?:,.*)?)$/su

/** `null` where it makes no sense, demands channel binding or an extension, or wants to act for another. */
export function readScramFirst(text: string): ScramFirst | null {
  const [, gs2Header = '', authorization = '', bare = '', name = '', nonce = ''] =
    FIRST.exec(text) ?? []
  const userName = decodeName(name)
  if (userName === null || userName === '') return null
  if (authorization !== '' && authorization !== name) return null
  return { userName, nonce, gs2Header, bare }
}

export function beginScram(first: ScramFirst, keys: ScramKeys, serverNonce: string): ScramExchange {
  const nonce = first.nonce + serverNonce
  const salt = Buffer.from(keys.salt).toString('base64')
  return { first, keys, nonce, serverFirst: `r=${nonce},s=${salt},i=${keys.iterations}` }
}

const FINAL = /^(c=([A-Za-z0-9+/=]+),r=([!-+\--~]+)(?:,[^,]*)*),p=([A-Za-z0-9+/=]+)$/su

/** `null` where it makes no sense, or is about another exchange. */
export function endScram(exchange: ScramExchange, text: string): ScramResult | null {
  const { first, keys, nonce, serverFirst } = exchange
  const [, withoutProof = '', binding = '', repeated = '', proofText = ''] = FINAL.exec(text) ?? []
  const proof = Buffer.from(proofText, 'base64')
  if (proof.length !== SCRAM_KEY_OCTETS || repeated !== nonce) return null
  if (binding !== Buffer.from(first.gs2Header).toString('base64')) return null
  const message = `${first.bare},${serverFirst},${withoutProof}`
  const signature = hmac(keys.storedKey, message)
  const clientKey = proof.map((octet, at) => octet ^ (signature[at] ?? 0))
  return {
    isProven: timingSafeEqual(hash(clientKey), keys.storedKey),
    serverFinal: `v=${hmac(keys.serverKey, message).toString('base64')}`,
  }
}

/** RFC 5802 §5.1: `=2C` is a comma and `=3D` an equals sign; nothing else begins with one. */
function decodeName(name: string): string | null {
  if (/=(?!2C|3D)/.test(name)) return null
  return name.replaceAll('=2C', ',').replaceAll('=3D', '=')
}

function hmac(key: Uint8Array, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

function hash(octets: Uint8Array): Buffer {
  return createHash('sha256').update(octets).digest()
}
