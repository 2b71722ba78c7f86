// SPDX-License-Identifier: Apache-2.0
/**
 * Verifies signatures with mailauth, in a thread of its own. Keys come from the demo's name server, asked as any
 * receiver would ask. Messages in: content; messages out: what is wrong with it.
 */
import { Resolver } from 'node:dns/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { dkimVerify } from 'mailauth/lib/dkim/verify.js'

export interface SignatureQuestion {
  readonly messageId: string
  readonly content: Uint8Array
}

export interface SignatureAnswer {
  readonly messageId: string
  /** Empty: an RSA and an Ed25519 signature of the domain, and both verify. */
  readonly verdict: string
}

export interface SignatureSetting {
  /** `address:port` of the name server. */
  readonly dns: string
  /** Who must have signed. */
  readonly domain: string
}

const setting = workerData as SignatureSetting
const resolver = new Resolver()
resolver.setServers([setting.dns])
const keys = new Map<string, Promise<string[][]>>()

function lookUp(name: string, type: string): Promise<string[][]> {
  if (type !== 'TXT') return Promise.resolve([])
  const known = keys.get(name) ?? resolver.resolveTxt(name)
  keys.set(name, known)
  return known
}

async function judge(content: Uint8Array): Promise<string> {
  const { results } = await dkimVerify(Buffer.from(content), { resolver: lookUp })
  const passed = results
    .filter(
      ({ status, signingDomain }) => status.result === 'pass' && signingDomain === setting.domain,
    )
    .map(({ algo }) => String(algo))
    .toSorted()
  if (results.length === 2 && passed.join() === 'ed25519-sha256,rsa-sha256') return ''
  return results.map(({ info }) => String(info)).join('; ') || 'no signature'
}

parentPort?.on('message', ({ messageId, content }: SignatureQuestion) => {
  judge(content).then(
    (verdict) => parentPort?.postMessage({ messageId, verdict } satisfies SignatureAnswer),
    (thrown) => parentPort?.postMessage({ messageId, verdict: String(thrown) }),
  )
})
