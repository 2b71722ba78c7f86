// SPDX-License-Identifier: Apache-2.0
/**
 * Complaints that somebody else sent than they say. Only where that can be told: by the policy of the domain in From, by a
 * signature that a loop is known to make, by a return path of ours that is none. Bounces come unsigned from everywhere, so that
 * nothing of the kind is asked of them.
 */
import type { Authentication } from '../events/authentication.ts'
import type { LooseFields } from '../protocol/message/loose-fields.ts'
import type { ReadReport } from '../protocol/report/report-facts.ts'
import { type OpenedToken, TOKEN_CHARACTERS } from '../protocol/token.ts'
import { signersIn } from './authentication.ts'

/** `unsure`: the DNS gives no answer now. */
export type Genuineness = 'genuine' | 'forged' | 'unsure'

export function genuinenessOf(
  { kind }: ReadReport,
  authentication: Authentication,
  signedLoops: readonly string[],
): Genuineness {
  if (kind !== 'complaint') return 'genuine'
  const { dkim, dmarc, from, policy } = authentication
  if (dmarc === 'fail' && policy !== 'none') return 'forged'
  const loop = signedLoops.find((domain) => from !== null && isWithin(from, domain))
  if (loop === undefined) return 'genuine'
  if (signersIn(dkim).some((signer) => isWithin(signer, loop))) return 'genuine'
  const isUnsure = dkim.some(
    ({ result, domain }) => result === 'temperror' && domain !== null && isWithin(domain, loop),
  )
  return isUnsure ? 'unsure' : 'forged'
}

const RETURN_PATH = new RegExp(`<?(?<![0-9a-z])([0-9a-z]{${TOKEN_CHARACTERS}})@([a-z0-9.-]+)`, 'i')

/** Whether the mail that it returns names a return path at a domain of ours that we never made. */
export function namesForgedPath(
  returned: LooseFields,
  isOurs: (domain: string) => boolean,
  open: (text: string) => OpenedToken,
): boolean {
  const found = RETURN_PATH.exec(returned.first('return-path') ?? '')
  const [, word = '', domain = ''] = found ?? []
  return found !== null && isOurs(domain.toLowerCase()) && open(word).kind === 'invalid'
}

function isWithin(domain: string, loop: string): boolean {
  return domain === loop || domain.endsWith(`.${loop}`)
}
