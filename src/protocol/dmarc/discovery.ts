// SPDX-License-Identifier: Apache-2.0
/**
 * Which DMARC policy holds for a domain, and which domain it belongs to: the walk up the tree of names of RFC 9989 §4.10, at most
 * eight questions.
 */

export type DmarcAction = 'none' | 'quarantine' | 'reject'

export interface DmarcRecord {
  /** Where it was found, without `_dmarc.`. */
  readonly domain: string
  readonly text: string
  readonly action: DmarcAction
  /** `sp`, for names below; by default as `p`. */
  readonly actionBelow: DmarcAction
  /** `psd`: whether it is of a suffix below which others register (`y`), of an organisation (`n`), or does not say. */
  readonly psd: 'y' | 'n' | 'u'
  /** `t=y`: receivers are asked to do less than it says. */
  readonly isTest: boolean
}

export type DmarcDiscovery =
  | {
      readonly kind: 'found'
      readonly record: DmarcRecord
      /** What it says of the domain that was asked for. */
      readonly action: DmarcAction
      readonly organizationalDomain: string
    }
  | { readonly kind: 'none'; readonly organizationalDomain: string }
  /** The DNS gave no answer. */
  | { readonly kind: 'failed'; readonly name: string }

/** Gives the TXT records of a name; `null` where the DNS gives no answer. */
export type TextLookUp = (name: string) => Promise<readonly string[] | null>

const MOST_LABELS = 7

export async function discoverDmarc(lookUp: TextLookUp, domain: string): Promise<DmarcDiscovery> {
  const found: DmarcRecord[] = []
  for (const name of walk(domain)) {
    const texts = await lookUp(`_dmarc.${name}`)
    if (texts === null) return { kind: 'failed', name: `_dmarc.${name}` }
    const record = onlyRecord(name, texts)
    if (record === null) continue
    found.push(record)
    if (record.psd !== 'u') break
  }
  const organizationalDomain = organizationOf(domain, found)
  const record =
    found.find((one) => one.domain === domain) ??
    found.find((one) => one.domain === organizationalDomain) ??
    found.find(({ psd }) => psd === 'y')
  if (record === undefined) return { kind: 'none', organizationalDomain }
  const action = record.domain === domain ? record.action : record.actionBelow
  return { kind: 'found', record, action, organizationalDomain }
}

/** The domain, and those above it; of a long one the middle is left out. */
function walk(domain: string): readonly string[] {
  const labels = domain.split('.')
  const from = labels.length > MOST_LABELS ? labels.length - MOST_LABELS : 1
  return [domain, ...labels.slice(from).map((_, at) => labels.slice(from + at).join('.'))]
}

/** §4.10.2. */
function organizationOf(domain: string, found: readonly DmarcRecord[]): string {
  const own = found.find(({ psd }) => psd === 'n')
  if (own !== undefined) return own.domain
  const suffix = found.find((record) => record.psd === 'y' && record.domain !== domain)
  if (suffix !== undefined) {
    const labels = domain.split('.')
    return labels.slice(-(suffix.domain.split('.').length + 1)).join('.')
  }
  return found.at(-1)?.domain ?? domain
}

/** Several are as none (§4.10). */
function onlyRecord(domain: string, texts: readonly string[]): DmarcRecord | null {
  const [text, ...more] = texts.filter((one) => /^v\s*=\s*DMARC1\s*(?:;|$)/.test(one))
  return text === undefined || more.length > 0 ? null : parseDmarc(domain, text)
}

/** `null` where it asks for nothing: an action that is none, and nobody to report to (§4.7). */
export function parseDmarc(domain: string, text: string): DmarcRecord | null {
  const tags = new Map(
    text.split(';').map((part) => {
      const at = part.indexOf('=')
      return [part.slice(0, at).trim().toLowerCase(), part.slice(at + 1).trim()] as const
    }),
  )
  const asked = actionOf(tags.get('p'))
  const below = tags.has('sp') ? actionOf(tags.get('sp')) : asked
  const isValid = asked !== null && below !== null
  if (!isValid && !/^mailto:\S+@/i.test(tags.get('rua') ?? '')) return null
  const psd = tags.get('psd')?.toLowerCase()
  return {
    domain,
    text,
    action: isValid ? asked : 'none',
    actionBelow: isValid ? below : 'none',
    psd: psd === 'y' || psd === 'n' ? psd : 'u',
    isTest: tags.get('t')?.toLowerCase() === 'y',
  }
}

function actionOf(text: string | undefined): DmarcAction | null {
  const folded = text?.toLowerCase()
  return folded === 'none' || folded === 'quarantine' || folded === 'reject' ? folded : null
}
