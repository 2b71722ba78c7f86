// SPDX-License-Identifier: Apache-2.0
/** What the owner of a domain does: publishes what the relay says, or takes it away. */
import { parseZoneFile } from '../../src/dns/zone-file.ts'
import type { ZoneServer } from '../../src/dns/zone-server.ts'
import type { DnsRecord } from '../../src/records/domains/dns-records.ts'

export type Published = Pick<DnsRecord, 'name' | 'type' | 'value'>

export function publish({ zone }: ZoneServer, records: readonly Published[]): void {
  for (const { name, type, value } of records)
    for (const record of parseZoneFile(`${name} ${type} ${type === 'TXT' ? `"${value}"` : value}`))
      zone.add(record)
}

export function withdraw({ zone }: ZoneServer, records: readonly Published[]): void {
  for (const { name } of records) zone.remove(name)
}
