// SPDX-License-Identifier: Apache-2.0
/**
 * What a visitor is, by what it says of itself: nothing here is proof, and a scanner that calls itself a browser passes for one. Names are
 * those that the programs send (as of 2026): GoogleImageProxy and YahooMailProxy fetch pictures for readers; Apple's Mail Privacy Protection
 * loads all of them and says "Mozilla/5.0" alone.
 */
import type { IncomingHttpHeaders } from 'node:http'
import type { AgentKind, MachineSign } from '../../events/hit-events.ts'

export interface Visitor {
  readonly agent: AgentKind
  /** `null`: nothing speaks for a machine. */
  readonly machine: MachineSign | null
}

/** Of a User-Agent field; longer ones are cut. */
const AGENT_CHARACTERS = 512

const PRIVACY = /^Mozilla\/5\.0$/
const IMAGE_PROXY = /GoogleImageProxy|YahooMailProxy|YahooCacheSystem|ProtonMail|HEYImageProxy/i
/** "Edge/12.246", years after its end, is what scanners of Microsoft say. */
const SCANNER =
  /barracuda|proofpoint|mimecast|fireeye|trend ?micro|symantec|messagelabs|forcepoint|sophos|ironport|zscaler|safelinks|bingpreview|urlscan|virustotal|cloudmark|Edge\/12\.246/i
const ROBOT =
  /bot\b|crawl|spider|slurp|preview|facebookexternalhit|whatsapp|telegram|curl|wget|python|java\/|go-http|okhttp|node|axios|libwww|headless|phantom/i
const MAIL_PROGRAM = /Thunderbird|Outlook|MSOffice|AppleMail|Airmail|eM ?Client|K-9|Mailspring/i
const MOBILE = /Mobile|Android|iPhone|iPad/i
const DESKTOP = /Windows NT|Macintosh|X11|CrOS/i

export function visitorOf(method: string, headers: IncomingHttpHeaders): Visitor {
  const text = (headers['user-agent'] ?? '').slice(0, AGENT_CHARACTERS)
  const named = namedIn(text)
  if (named.machine !== null) return named
  if (method === 'HEAD') return { ...named, machine: 'head' }
  const purpose = [headers['sec-purpose'], headers['purpose'], headers['x-moz']].join(' ')
  return /prefetch|preview|prerender/i.test(purpose) ? { ...named, machine: 'prefetch' } : named
}

function namedIn(text: string): Visitor {
  if (PRIVACY.test(text)) return { agent: 'proxy', machine: 'privacy' }
  if (IMAGE_PROXY.test(text)) return { agent: 'proxy', machine: 'image-proxy' }
  if (SCANNER.test(text)) return { agent: 'robot', machine: 'scanner' }
  if (text === '' || ROBOT.test(text)) return { agent: 'robot', machine: 'robot' }
  if (MAIL_PROGRAM.test(text)) return { agent: 'mail-program', machine: null }
  if (MOBILE.test(text)) return { agent: 'mobile', machine: null }
  return { agent: DESKTOP.test(text) ? 'desktop' : 'unknown', machine: null }
}
