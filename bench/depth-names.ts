// SPDX-License-Identifier: Apache-2.0
/** The receivers of the depth benchmark: their domains, each with a host and so a ready queue of its own, and where they are. */
import type { DnsRecord } from '../src/dns/message.ts'

export interface ReceiverGroup {
  /** Domains are `0.<name>`, `1.<name>`, … */
  readonly name: string
  readonly domains: number
  /** Where all of the group's hosts are. */
  readonly address: string
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

const TTL_SECONDS = 3_600

export function domainAt(group: ReceiverGroup, number: number): string {
  return `${number % group.domains}.${group.name}`
}

export function* recordsOf(group: ReceiverGroup): Iterable<DnsRecord> {
  for (let number = 0; number < group.domains; number++) {
    const name = domainAt(group, number)
    const exchange = `mx.${name}`
    yield { name, type: 'MX', ttl: TTL_SECONDS, data: { preference: 10, exchange } }
    yield { name: exchange, type: 'A', ttl: TTL_SECONDS, data: group.address }
  }
}
