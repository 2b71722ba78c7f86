// SPDX-License-Identifier: Apache-2.0
/**
 * Under which names recipients reach this relay: its own, and the tracking hosts of domains that are set up. Links of a domain's
 * mail lead to its own tracking host where the DNS has it and a certificate is there for it, else to the relay's name.
 */
import type { Domain } from '../../protocol/mailbox.ts'
import type { Directory } from '../directory.ts'
import type { SendingDomain } from '../records.ts'

export interface LinkHostsOptions {
  /** Of the relay's own name: `https://`, host, and a port where it is not 443. */
  readonly url: string
  readonly directory: () => Directory
  /** Whether a browser that comes to that name is shown a certificate for it. */
  readonly isCertified: (host: Domain) => boolean
}

/** Whose name it is that somebody came by. */
export type LinkHost =
  | { readonly kind: 'relay' }
  | { readonly kind: 'domain'; readonly domain: SendingDomain }

/** First segments of the paths that links have. */
export const UNSUBSCRIBE_WAY = 'u'
export const CLICK_WAY = 'c'
export const OPEN_WAY = 'o'

const RELAY: LinkHost = { kind: 'relay' }

export class LinkHosts {
  readonly #url: URL
  readonly #directory: () => Directory
  readonly #isCertified: LinkHostsOptions['isCertified']
  /** By tracking host; made anew when the records change. */
  #known: { readonly of: Directory; readonly hosts: ReadonlyMap<string, SendingDomain> } | null =
    null

  constructor({ directory, isCertified, url }: LinkHostsOptions) {
    this.#url = new URL(url)
    this.#directory = directory
    this.#isCertified = isCertified
  }

  /** Of the relay's own name. */
  get hostname(): string {
    return this.#url.hostname
  }

  /**
   * Where a link of that domain's mail leads, for a word that says which: at the relay's own name the domain stands behind it, for
   * of a message that is gone nothing else says whose it was.
   */
  linkOf(domain: SendingDomain, way: string, word: string): string {
    return this.#hasOwn(domain)
      ? `${this.originOf(domain)}/${way}/${word}`
      : `${this.#url.origin}/${way}/${word}/${domain.name}`
  }

  /** Without a slash at the end. */
  originOf(domain: SendingDomain): string {
    if (!this.#hasOwn(domain)) return this.#url.origin
    const { port } = this.#url
    return `https://${domain.trackingDomain}${port === '' ? '' : `:${port}`}`
  }

  /** `host`: as a client says it, with or without a port. `null`: it is no name of ours. */
  whose(host: string): LinkHost | null {
    const name = host.toLowerCase().replace(/:\d{1,5}$/, '')
    if (name === this.#url.hostname) return RELAY
    const domain = this.#hosts().get(name)
    return domain === undefined ? null : { kind: 'domain', domain }
  }

  /** One that is set up; the newest verified one where several tenants have the name. */
  domainNamed(name: string): SendingDomain | null {
    return this.#directory().domains.get(name.toLowerCase() as Domain) ?? null
  }

  #hasOwn({ lacks, state, trackingDomain }: SendingDomain): boolean {
    return state === 'verified' && !lacks.includes('tracking') && this.#isCertified(trackingDomain)
  }

  /** Of one that was verified and fails now, too: mail with its links is out there. */
  #hosts(): ReadonlyMap<string, SendingDomain> {
    const directory = this.#directory()
    if (this.#known?.of === directory) return this.#known.hosts
    // Of two with one host the verified one counts.
    const all = [...directory.domains.values()].sort(
      (one, other) => Number(one.state === 'verified') - Number(other.state === 'verified'),
    )
    const hosts = new Map(
      all
        .filter(({ state }) => state !== 'pending')
        .map((domain) => [domain.trackingDomain as string, domain]),
    )
    this.#known = { of: directory, hosts }
    return hosts
  }
}
