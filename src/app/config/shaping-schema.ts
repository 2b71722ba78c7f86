// SPDX-License-Identifier: Apache-2.0
/** The keys of a file of shaping rules. What they mean stands in `docs/shaping.md`. */
import { z } from 'zod'
import {
  addressRange,
  count,
  domainPattern,
  durationBetween,
  hostName,
  mxSuffix,
  rate,
  sampleHost,
  slug,
  tlsPolicy,
  unsettable,
} from './key-types.ts'

const LONGEST_LIST = 1_000
const MOST = 1_000_000

const patterns = <T extends z.ZodType>(pattern: T) => z.array(pattern).max(LONGEST_LIST).default([])

/** Below, "5ms" was meant to be "5m"; above, a connection that is dead is held for hours. */
const timeout = unsettable(durationBetween(1_000, 3_600_000)).optional()

const timeouts = {
  connect_timeout: timeout,
  greeting_timeout: timeout,
  ehlo_timeout: timeout,
  start_tls_timeout: timeout,
  mail_timeout: timeout,
  rcpt_timeout: timeout,
  data_timeout: timeout,
  data_block_timeout: timeout,
  end_of_data_timeout: timeout,
  quit_timeout: timeout,
}
const ofPath = {
  connections: unsettable(count(1, MOST)).optional(),
  reserved_connections: unsettable(count(1, MOST)).optional(),
  connection_rate: unsettable(rate).optional(),
  message_rate: unsettable(rate).optional(),
  messages_per_connection: unsettable(count(1, MOST)).optional(),
  recipients_per_transaction: unsettable(count(1, MOST)).optional(),
  ...timeouts,
}
const ofProvider = {
  provider_connections: unsettable(count(1, MOST)).optional(),
  provider_connection_rate: unsettable(rate).optional(),
  provider_message_rate: unsettable(rate).optional(),
}
const ofSite = { tls: unsettable(tlsPolicy).optional() }
const hosts = {
  mx_suffix: patterns(mxSuffix),
  mx_host: patterns(hostName),
  mx_address: patterns(addressRange),
}
const samples = { samples: patterns(sampleHost) }

export const shapingSchema = z.strictObject({
  default: z.strictObject({ ...ofPath, ...ofProvider }).optional(),
  provider: patterns(
    z.strictObject({ name: slug, ...hosts, ...samples, ...ofPath, ...ofProvider, ...ofSite }),
  ),
  site: patterns(z.strictObject({ ...hosts, ...samples, ...ofPath, ...ofSite })),
  domain: patterns(
    z.strictObject({
      domain: z.array(domainPattern).min(1).max(LONGEST_LIST),
      ...ofPath,
      ...ofSite,
    }),
  ),
  source: patterns(
    z.strictObject({
      source: z.array(slug).min(1).max(LONGEST_LIST),
      provider: slug.nullable().default(null),
      ...ofPath,
      ...ofProvider,
    }),
  ),
})

export type ShapingTables = z.output<typeof shapingSchema>

/** Names of limits in a file, and in the program. */
export const limitKeys = {
  connections: 'connections',
  provider_connections: 'providerConnections',
  reserved_connections: 'reservedConnections',
  connection_rate: 'connectionRate',
  provider_connection_rate: 'providerConnectionRate',
  message_rate: 'messageRate',
  provider_message_rate: 'providerMessageRate',
  messages_per_connection: 'messagesPerConnection',
  recipients_per_transaction: 'recipientsPerTransaction',
  tls: 'tls',
  connect_timeout: 'connectTimeout',
  greeting_timeout: 'greetingTimeout',
  ehlo_timeout: 'ehloTimeout',
  start_tls_timeout: 'startTlsTimeout',
  mail_timeout: 'mailTimeout',
  rcpt_timeout: 'rcptTimeout',
  data_timeout: 'dataTimeout',
  data_block_timeout: 'dataBlockTimeout',
  end_of_data_timeout: 'endOfDataTimeout',
  quit_timeout: 'quitTimeout',
} as const
