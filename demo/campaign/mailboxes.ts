// SPDX-License-Identifier: Apache-2.0
/** The providers of the campaign. Their MX hosts bear names of real ones in the demo's own name server, so that numbers by provider can be compared; all of them are on loopback. */

export interface CampaignProvider {
  /** As the relay's numbers have it. */
  readonly name: string
  readonly domain: string
  readonly mxHost: string
  readonly address: string
  /** Of a hundred subscribers. */
  readonly share: number
}

/** All providers that no shaping rule names. */
export const UNNAMED = '(other)'

export const campaignProviders: readonly CampaignProvider[] = [
  {
    name: 'google',
    domain: 'heron.example',
    mxHost: 'mx.google.com',
    address: '127.0.0.21',
    share: 45,
  },
  {
    name: 'yahoo',
    domain: 'ibis.example',
    mxHost: 'mta.am0.yahoodns.net',
    address: '127.0.0.22',
    share: 20,
  },
  {
    name: 'outlook',
    domain: 'lynx.example',
    mxHost: 'lynx.olc.protection.outlook.com',
    address: '127.0.0.23',
    share: 20,
  },
  {
    name: UNNAMED,
    domain: 'magpie.example',
    mxHost: 'mx.magpie.example',
    address: '127.0.0.24',
    share: 15,
  },
]

/** `count` of them, the same each time. */
export function subscribers(count: number): readonly string[] {
  const domains = campaignProviders.flatMap(({ domain, share }) =>
    Array<string>(share).fill(domain),
  )
  // 37 and 100 have no divisor in common: each hundred has each provider's share.
  return Array.from({ length: count }, (_, at) => `subscriber${at}@${domains[(at * 37) % 100]}`)
}

export function providerOf(recipient: string): CampaignProvider {
  const domain = recipient.slice(recipient.lastIndexOf('@') + 1)
  const found = campaignProviders.find((provider) => provider.domain === domain)
  if (found === undefined) throw new Error(`nobody has mailboxes at ${domain}`)
  return found
}
