// SPDX-License-Identifier: Apache-2.0
/**
 * Every key of the configuration, with its type and its default. What each one means stands in
 * `config/posthaste.example.toml`, which a test compares with this table.
 */
import { z } from 'zod'
import { days, hours, minutes, ms } from '../../base/brand.ts'
import { baselineLimits } from '../../base/limits/baseline-limits.ts'
import { holdLimits } from '../../base/limits/hold-limits.ts'
import { clientTimeouts, queueLimits, serverLimits } from '../../base/limits/limits.ts'
import { memoryLimits } from '../../base/limits/process-limits.ts'
import { spoolLimits } from '../../base/limits/spool-limits.ts'
import { type RetrySchedule, retrySchedules } from '../../records/stream-defaults.ts'
import { api, login, operations, web } from './http-schema.ts'
import {
  count,
  domainPattern,
  duration,
  filePath,
  flag,
  hostName,
  hostOrAddress,
  httpsUrl,
  LONGEST_LIST,
  listenAddress,
  mailbox,
  network,
  oneOf,
  postgresUrl,
  resolverAddress,
  size,
  slug,
  sqlName,
  tlsPolicy,
  unsettable,
} from './key-types.ts'
import { blocklist, openBlocklists, pool, poolRule, source, sourceChecks } from './source-schema.ts'
import { standing } from './standing-schema.ts'

const KIB = 1_024

/** This host, this machine, this link, everybody (RFC 6890): no receiver on the Internet is there. */
const NOWHERE = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/3',
  '::',
  '::1',
  'fe80::/10',
  'ff00::/8',
]

const listener = z.strictObject({
  role: oneOf('submission', 'inbound').default('submission'),
  name: slug.prefault('submission'),
  addresses: z
    .array(listenAddress)
    .min(1)
    .max(LONGEST_LIST)
    .default([{ host: '127.0.0.1', port: 2525 }]),
  tls: oneOf('starttls', 'implicit', 'none').default('starttls'),
  client_ca: filePath.nullable().default(null),
  clear_text_auth: oneOf('never', 'loopback').default('never'),
  proxy_protocol_from: z.array(network).max(LONGEST_LIST).default([]),
  xclient_from: z.array(network).max(LONGEST_LIST).default([]),
  max_message_size: size(64 * KIB).default(serverLimits.messageOctets),
  max_recipients: count(100, 10_000).default(serverLimits.recipientsPerMessage),
  max_future_release: duration().default(ms(serverLimits.futureReleaseMs)),
  max_sessions: count(1, 100_000).default(serverLimits.sessions),
  max_sessions_per_address: count(1, 100_000).default(serverLimits.sessionsPerAddress),
  command_timeout: duration().default(ms(serverLimits.commandTimeoutMs)),
  content_timeout: duration().default(ms(serverLimits.contentTimeoutMs)),
  session_timeout: duration().default(ms(serverLimits.sessionTimeoutMs)),
})

const certificate = z.strictObject({
  cert: filePath.default('tls.crt'),
  key: filePath.default('tls.key'),
})

const acme = z.strictObject({
  names: z.array(hostName).max(LONGEST_LIST).default([]),
  directory: httpsUrl.default('https://acme-v02.api.letsencrypt.org/directory'),
  contact: mailbox.nullable().default(null),
  http: listenAddress.default({ host: '0.0.0.0', port: 80 }),
})

const trusted = z.strictObject({
  network: network.nullable().default(null),
  certificate: hostName.nullable().default(null),
  tenant: slug.prefault('default'),
  stream: slug.nullable().default(null),
})

const route = z.strictObject({
  domain: domainPattern,
  host: hostOrAddress,
  port: count(1, 65_535).default(25),
})

const site = z.strictObject({
  domain: domainPattern,
  tls: tlsPolicy,
  tls_names: z.array(hostName).max(LONGEST_LIST).default([]),
})

const timeouts = z.strictObject({
  connect: duration().default(ms(clientTimeouts.connectMs)),
  greeting: duration().default(ms(clientTimeouts.greetingMs)),
  ehlo: duration().default(ms(clientTimeouts.ehloMs)),
  start_tls: duration().default(ms(clientTimeouts.startTlsMs)),
  mail: duration().default(ms(clientTimeouts.mailMs)),
  rcpt: duration().default(ms(clientTimeouts.rcptMs)),
  data: duration().default(ms(clientTimeouts.dataMs)),
  data_block: duration().default(ms(clientTimeouts.dataBlockMs)),
  end_of_data: duration().default(ms(clientTimeouts.endOfDataMs)),
  quit: duration().default(ms(clientTimeouts.quitMs)),
})

const delivery = z.strictObject({
  connections_per_site: count(1, 10_000).default(queueLimits.connectionsPerSite),
  messages_per_connection: count(1, 100_000).default(queueLimits.messagesPerConnection),
  max_connections: count(1, 100_000).default(queueLimits.connections),
  port: count(1, 65_535).default(25),
  tls: tlsPolicy.default('opportunistic'),
  tls_ca: filePath.nullable().default(null),
  idle: duration().default(ms(queueLimits.idleMs)),
  shaping: filePath.nullable().default(null),
  warm_up: filePath.nullable().default(null),
  timeouts: timeouts.prefault({}),
})

const retry = z.strictObject({
  transactional: schedule(retrySchedules.transactional),
  bulk: schedule(retrySchedules.bulk),
  site_rest: waits([minutes(1), minutes(5), minutes(15), minutes(30)]),
})

const spool = z.strictObject({
  retention_failed: duration().default(days(7)),
  retention_events: duration().default(days(30)),
  low_water: size().default(spoolLimits.lowWaterOctets),
})

const events = z.strictObject({
  lines_to: oneOf('none', 'stdout', 'file').default('none'),
  lines_file: filePath.default('events.jsonl'),
  lines_file_size: size(64 * KIB).default(100 * KIB * KIB),
  lines_files: count(1, 1_000).default(10),
})

const webhooks = z.strictObject({
  allow_networks: z.array(network).max(LONGEST_LIST).default([]),
  tls_ca: filePath.nullable().default(null),
})

const store = z.strictObject({
  postgres: postgresUrl.nullable().default(null),
  schema: sqlName.default('posthaste'),
  password_file: filePath.nullable().default(null),
  tls_ca: filePath.nullable().default(null),
})

export const configSchema = z.strictObject({
  hostname: hostName,
  node_name: hostName.nullable().default(null),
  data_dir: filePath,
  key_file: filePath.default('posthaste.key'),
  max_memory: size(memoryLimits.leastOctets).default(memoryLimits.processOctets),
  log_level: oneOf('debug', 'info', 'warn', 'error').default('info'),
  listener: z.array(listener).min(1).max(LONGEST_LIST).prefault([{}]),
  certificate: z.array(certificate).min(1).max(LONGEST_LIST).prefault([{}]),
  acme: acme.prefault({}),
  operations: operations.prefault({}),
  api: api.nullable().default(null),
  web: web.nullable().default(null),
  login: login.prefault({}),
  audit: z.strictObject({ retention: duration().default(days(365)) }).prefault({}),
  trusted: z.array(trusted).max(LONGEST_LIST).default([]),
  dns: z
    .strictObject({
      servers: z.array(resolverAddress).max(LONGEST_LIST).default([]),
      trusted: flag.default(false),
      refuse_networks: z.array(network).max(LONGEST_LIST).prefault(NOWHERE),
    })
    .prefault({}),
  dkim: z.strictObject({ rotate_after: unsettable(duration()).default(days(180)) }).prefault({}),
  source: z.array(source).max(LONGEST_LIST).default([]),
  pool: z.array(pool).max(LONGEST_LIST).default([]),
  pool_rule: z.array(poolRule).max(LONGEST_LIST).default([]),
  blocklist: z.array(blocklist).max(LONGEST_LIST).prefault(openBlocklists),
  source_checks: sourceChecks.prefault({}),
  route: z
    .array(route)
    .max(LONGEST_LIST * 100)
    .default([]),
  site: z
    .array(site)
    .max(LONGEST_LIST * 100)
    .default([]),
  delivery: delivery.prefault({}),
  retry: retry.prefault({}),
  spool: spool.prefault({}),
  events: events.prefault({}),
  webhooks: webhooks.prefault({}),
  store: store.prefault({}),
  feedback: z
    .strictObject({
      forward_to: mailbox.nullable().default(null),
      signed_loops: z.array(hostName).max(LONGEST_LIST).default([]),
      complaint_rate: z.number().min(0).max(1).default(0.003),
      bounce_rate: z.number().min(0).max(1).default(0.1),
      pauses: z.array(z.enum(['stream', 'campaign'])).default([]),
      suppress_after: duration(0).default(minutes(10)),
    })
    .prefault({}),
  standing: standing.prefault({}),
  baseline: z
    .strictObject({
      least_recipients: z.number().int().min(1).default(baselineLimits.leastRecipients),
      times_largest: z.number().min(1).max(1_000).default(baselineLimits.timesLargest),
      least_new_domains: z.number().int().min(1).default(baselineLimits.leastNewDomains),
      least_bounces: z.number().int().min(1).default(baselineLimits.leastBounces),
      bounce_rate: z.number().min(0).max(1).default(baselineLimits.bounceRate),
    })
    .prefault({}),
  hold: z
    .strictObject({ expires_after: duration().default(ms(holdLimits.expiresAfterMs)) })
    .prefault({}),
  dsn: z
    .strictObject({
      from: mailbox.nullable().default(null),
      delay_after: duration().default(hours(4)),
    })
    .prefault({}),
})

function waits(defaults: RetrySchedule['after']) {
  return z
    .array(duration())
    .min(1)
    .max(LONGEST_LIST)
    .default([...defaults])
}

function schedule(defaults: RetrySchedule) {
  return z
    .strictObject({
      after: waits(defaults.after),
      expires_after: duration().default(defaults.expiresAfter),
    })
    .prefault({})
}
