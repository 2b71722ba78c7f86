// SPDX-License-Identifier: Apache-2.0
/** A request of a recipient, or of a program on its behalf: who comes, by which name, and what for. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { webLimits } from '../../base/limits/web-limits.ts'
import type { LinkHost } from '../../records/domains/link-hosts.ts'
import { peerAddress } from '../../smtp/peer-address.ts'
import type { PeerNetworks } from '../../smtp/peer-networks.ts'

export interface WebVisit {
  readonly method: string
  /** Segments of the path, as they came. */
  readonly path: readonly string[]
  readonly host: LinkHost
  /** Address of the client, without port. */
  readonly peer: string
  readonly headers: IncomingHttpHeaders
  /** All of it; `null`: it is longer than a form may be. */
  readonly body: () => Promise<Buffer | null>
}

/** Who came: a named proxy says for whom, and of several the last one that is none of them counts. */
export function peerOf(request: IncomingMessage, proxies: PeerNetworks): string {
  let peer = peerAddress(request.socket.remoteAddress ?? '')
  const told = String(request.headers['x-forwarded-for'] ?? '').split(',')
  while (proxies.has(peer)) {
    const before = peerAddress(told.pop()?.trim() ?? '')
    if (isIP(before) === 0) break
    peer = before
  }
  return peer
}

/** Rejects where the client goes away. */
export async function bodyOf(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = []
  let octets = 0
  // What is not read must not cut the answer off.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    octets += (chunk as Buffer).length
    if (octets > webLimits.bodyOctets) return null
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks)
}
