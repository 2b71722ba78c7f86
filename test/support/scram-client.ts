// SPDX-License-Identifier: Apache-2.0
/** The client's side of SCRAM-SHA-256, RFC 5802: what it says first, and what it answers. */
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'

export interface ScramClient {
  readonly first: string
  final(serverFirst: string): string
}

export function scramClient(userName: string, secret: string, gs2 = 'n,,'): ScramClient {
  const bare = `n=${userName.replaceAll('=', '=3D').replaceAll(',', '=2C')},r=client-nonce`
  return {
    first: gs2 + bare,
    final: (serverFirst) => {
      const [nonce = '', salt = '', iterations = ''] = serverFirst
        .split(',')
        .map((part) => part.slice(2))
      const salted = pbkdf2Sync(secret, Buffer.from(salt, 'base64'), +iterations, 32, 'sha256')
      const clientKey = hmac(salted, 'Client Key')
      const withoutProof = `c=${Buffer.from(gs2).toString('base64')},r=${nonce}`
      const storedKey = createHash('sha256').update(clientKey).digest()
      const signature = hmac(storedKey, `${bare},${serverFirst},${withoutProof}`)
      const proof = Buffer.from(clientKey.map((octet, at) => octet ^ (signature[at] ?? 0)))
      return `${withoutProof},p=${proof.toString('base64')}`
    },
  }
}

function hmac(key: Uint8Array, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
