// SPDX-License-Identifier: Apache-2.0
/** Whether a mail is from the domain in its From, RFC 9989 §5.3: by a signature or by SPF of a domain that belongs to it. */
import {
  type DmarcAction,
  type DmarcDiscovery,
  discoverDmarc,
  type TextLookUp,
} from './discovery.ts'

export interface DmarcVerdict {
  /** `none`: the domain has no policy, or the mail no single author. */
  readonly result: 'pass' | 'fail' | 'none' | 'temperror'
  /** What the domain asks to be done with what fails; `none`, too, where it has no policy. */
  readonly policy: DmarcAction
}

export interface DmarcFacts {
  /** Of the only mailbox in From; `null`: there is none, or there are several. */
  readonly author: string | null
  /** Of the signatures that hold. */
  readonly signers: readonly string[]
  /** That SPF let pass; `null`: none. */
  readonly sender: string | null
}

const NOTHING: DmarcVerdict = { result: 'none', policy: 'none' }

export async function evaluateDmarc(
  lookUp: TextLookUp,
  { author, signers, sender }: DmarcFacts,
): Promise<DmarcVerdict> {
  if (author === null) return NOTHING
  const found = await discoverDmarc(lookUp, author)
  if (found.kind === 'failed') return { result: 'temperror', policy: 'none' }
  if (found.kind === 'none') return NOTHING
  const policy = found.record.isTest ? 'none' : found.action
  const isStrict = (tag: 'adkim' | 'aspf'): boolean =>
    new RegExp(`;\\s*${tag}\\s*=\\s*s\\s*(?:;|$)`, 'i').test(found.record.text)
  const claims = [
    ...signers.map((domain) => ({ domain, isStrict: isStrict('adkim') })),
    ...(sender === null ? [] : [{ domain: sender, isStrict: isStrict('aspf') }]),
  ]
  let isUnsure = false
  for (const claim of claims) {
    const aligned = claim.isStrict
      ? claim.domain === author
      : await belongTogether(lookUp, found, author, claim.domain)
    if (aligned === true) return { result: 'pass', policy }
    isUnsure ||= aligned === null
  }
  return { result: isUnsure ? 'temperror' : 'fail', policy }
}

/** §4.4.1: both have the same organizational domain; `null`: the DNS gives no answer. */
async function belongTogether(
  lookUp: TextLookUp,
  found: Exclude<DmarcDiscovery, { kind: 'failed' }>,
  author: string,
  domain: string,
): Promise<boolean | null> {
  const { organizationalDomain } = found
  if (domain === author) return true
  if (domain !== organizationalDomain && !domain.endsWith(`.${organizationalDomain}`)) return false
  const other = await discoverDmarc(lookUp, domain)
  return other.kind === 'failed' ? null : other.organizationalDomain === organizationalDomain
}
