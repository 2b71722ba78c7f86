// SPDX-License-Identifier: Apache-2.0
/** One certificate from an authority, its names proved by HTTP-01. RFC 8555 §7.4 and §8.3. */
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import type { AcmeClient, AcmeResource } from './acme-client.ts'
import type { ChallengeServer } from './challenge-server.ts'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/** PEM of a new key and of the certificate with its chain, in one text. Throws what the authority or the network says. */
export async function orderCertificate(
  client: AcmeClient,
  names: readonly string[],
  challenges: ChallengeServer,
): Promise<string> {
  const order = await client.newOrder(names)
  for (const url of stringsIn(order, 'authorizations')) await authorize(client, url, challenges)
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: [{ CN: [names[0] ?? ''] }],
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns', value }))),
    ],
  })
  const csr = Buffer.from(request.rawData).toString('base64url')
  await client.tell(stringIn(order, 'finalize'), { csr })
  const ended = await client.settled(order.url, ['pending', 'ready', 'processing'])
  if (ended.body['status'] !== 'valid') throw new Error(`the order is ${whyOf(ended)}`)
  const chain = await client.text(stringIn(ended, 'certificate'))
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
  return `${x509.PemConverter.encode(key, 'PRIVATE KEY')}\n${chain}`
}

async function authorize(
  client: AcmeClient,
  url: string,
  challenges: ChallengeServer,
): Promise<void> {
  const authorization = await client.read(url)
  // Proved before, and still good.
  if (authorization.body['status'] === 'valid') return
  const challenge = http01In(authorization)
  challenges.answer(challenge.token, client.keyAuthorization(challenge.token))
  await client.tell(challenge.url, {})
  const ended = await client.settled(url, ['pending', 'processing'])
  if (ended.body['status'] === 'valid') return
  throw new Error(`the authority does not believe a name: ${whyOf(ended)}`)
}

function http01In({ body }: AcmeResource): { readonly url: string; readonly token: string } {
  const challenges = Array.isArray(body['challenges']) ? body['challenges'] : []
  for (const challenge of challenges) {
    const { type, url, token } = challenge as Readonly<Record<string, unknown>>
    if (type === 'http-01' && typeof url === 'string' && typeof token === 'string')
      return { url, token }
  }
  throw new Error('the authority offers no HTTP-01 for a name')
}

/** The status, and what a challenge says of its failure. */
function whyOf({ body }: AcmeResource): string {
  const details = JSON.stringify(body).match(/"detail":"(?:[^"\\]|\\.)*"/g) ?? []
  return [String(body['status']), ...details].join(' ')
}

function stringIn({ body }: AcmeResource, name: string): string {
  const value = body[name]
  if (typeof value === 'string') return value
  throw new Error(`the authority's answer has no ${name}`)
}

function stringsIn({ body }: AcmeResource, name: string): readonly string[] {
  const value = body[name]
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value
  throw new Error(`the authority's answer has no ${name}`)
}
