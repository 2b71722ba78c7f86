// SPDX-License-Identifier: Apache-2.0
/** A verifier that is not ours. Asks for keys in a map, never in the network. */
import { dkimVerify } from 'mailauth/lib/dkim/verify.js'
import { dnsRecords } from './signed-message.ts'

/** Asks for the TXT records of a name, as `dns.promises.resolveTxt` does. */
export type TxtResolver = (name: string) => Promise<string[][]>

/** The result of each signature, in order: `pass`, `fail`, `neutral` and so on. */
export async function verifySignatures(
  octets: Buffer,
  resolver: TxtResolver = resolveTxt,
): Promise<readonly string[]> {
  const { results } = await dkimVerify(octets, { resolver })
  return results.map(({ status }) => String(status.result))
}

function resolveTxt(name: string): Promise<string[][]> {
  const value = dnsRecords.get(name)
  const notFound = Object.assign(new Error(`no ${name}`), { code: 'ENOTFOUND' })
  return value === undefined ? Promise.reject(notFound) : Promise.resolve([[value]])
}
