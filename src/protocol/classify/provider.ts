// SPDX-License-Identifier: Apache-2.0
/**
 * Operators of many sites, by the names of their MX hosts. The names are those of the shaping rules that come with the program
 * (`config/shaping/providers.toml`), all of them; a test of these compares.
 */
import { coveringEntry } from '../domain-cover.ts'

/** End of the host's name, with its dot. */
const hostSuffixes = {
  google: ['.google.com', '.googlemail.com'],
  yahoo: ['.yahoodns.net', '.yahoo.com'],
  outlook: ['.olc.protection.outlook.com'],
  office365: ['.mail.protection.outlook.com', '.prod.outlook.com'],
  'office365-dane': ['.mx.microsoft'],
  apple: ['.icloud.com', '.me.com'],
  mimecast: ['.mimecast.com', '.mimecast.co.za', '.mimecast-offshore.com'],
  proofpoint: ['.pphosted.com', '.ppe-hosted.com'],
  barracuda: ['.barracudanetworks.com'],
  orange: ['.orange.fr'],
  laposte: ['.laposte.net'],
  comcast: ['.comcast.net'],
  cox: ['.cox.net', '.cloudfilter.net'],
  gmx: ['.gmx.net', '.web.de', '.kundenserver.de'],
  't-online': ['.t-online.de'],
  netvigator: ['.netvigator.com'],
  kpn: ['.kpnmail.nl'],
  mailru: ['.mail.ru'],
  yandex: ['.yandex.net', '.yandex.ru'],
  qq: ['.qq.com'],
  netease: ['.netease.com', '.163.com'],
  godaddy: ['.secureserver.net'],
  zoho: ['.zoho.com', '.zoho.eu'],
  docomo: ['.docomo.ne.jp'],
  kddi: ['.ezweb.ne.jp', '.au.com'],
} as const satisfies Record<string, readonly string[]>

export type Provider = keyof typeof hostSuffixes

export const providers = Object.keys(hostSuffixes) as readonly Provider[]

const bySuffix: ReadonlyMap<string, Provider> = new Map<string, Provider>(
  Object.entries(hostSuffixes).flatMap(([provider, suffixes]) =>
    suffixes.map((suffix) => [suffix.slice(1), provider as Provider] as const),
  ),
)

/** `null` for a host of nobody whom we know. */
export function providerOfHost(host: string): Provider | null {
  return coveringEntry(bySuffix, host.toLowerCase())
}
