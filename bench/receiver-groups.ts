// SPDX-License-Identifier: Apache-2.0
/** The receivers of the benchmarks: their domains, their hosts, where they are, and what the name server says of them. */
import type { DnsRecord } from '../src/dns/message.ts'

export interface ReceiverGroup {
  /** Domains are `0.<name>`, `1.<name>`, … */
  readonly name: string
  readonly domains: number
  /** That the domains share in turn; each is a site, and so a ready queue. Default: each domain has one of its own. */
  readonly hosts?: number
  /** Where all of the group's hosts are. */
  readonly address: string
}

/** The one domain of a plain load. */
export const oneReceiver: ReceiverGroup = {
  name: 'receiver.example',
  domains: 1,
  address: '127.0.0.1',
}

/** Refuses connections from beginning to end. */
export const down: ReceiverGroup = { name: 'down.example', domains: 100_000, address: '127.1.0.1' }
/** Takes mail from beginning to end. */
export const healthy: ReceiverGroup = {
  name: 'healthy.example',
  domains: 10_000,
  address: '127.2.0.1',
}
/** Refuses connections until it comes up. */
export const returning: ReceiverGroup = {
  name: 'returning.example',
  domains: 1_000,
  address: '127.3.0.1',
}

/** Accepts connections and says nothing, so that mail stays in the windows of its ready queues. */
export const silent: ReceiverGroup = {
  name: 'silent.example',
  domains: 50_000,
  address: '127.4.0.1',
}

const TTL_SECONDS = 3_600

export function domainAt(group: ReceiverGroup, number: number): string {
  return `${number % group.domains}.${group.name}`
}

export function* recordsOf(group: ReceiverGroup): Iterable<DnsRecord> {
  const hosts = group.hosts ?? group.domains
  const hostAt = (number: number) => `mx${number % hosts}.${group.name}`
  for (let number = 0; number < hosts; number++)
    yield { name: hostAt(number), type: 'A', ttl: TTL_SECONDS, data: group.address }
  for (let number = 0; number < group.domains; number++) {
    const data = { preference: 10, exchange: hostAt(number) }
    yield { name: domainAt(group, number), type: 'MX', ttl: TTL_SECONDS, data }
  }
}
