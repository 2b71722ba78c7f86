// SPDX-License-Identifier: Apache-2.0
/** The keys of what is served over HTTP, and of who logs in there; part of `schema.ts`. */
import { z } from 'zod'
import { days, hours } from '../../base/brand.ts'
import { httpLimits } from '../../base/limits/http-limits.ts'
import { oidcLimits } from '../../base/limits/login-limits.ts'
import { roles } from '../../records/people/role.ts'
import {
  duration,
  filePath,
  flag,
  httpsOrigin,
  issuerUrl,
  LONGEST_LIST,
  listenAddress,
  network,
  oneOf,
  slug,
  someText,
  webUrl,
} from './key-types.ts'

export const operations = z.strictObject({
  address: listenAddress.default({ host: '127.0.0.1', port: 8025 }),
})

export const api = z.strictObject({
  address: listenAddress,
  tls: flag.default(false),
  trusted_proxies: z.array(network).max(LONGEST_LIST).default([]),
  requests_per_minute: z.int().min(1).max(1_000_000).default(httpLimits.requestsPerMinute),
})

export const web = z.strictObject({
  address: listenAddress,
  url: httpsOrigin,
  tls: flag.default(true),
  tracking_hosts: oneOf('certified', 'all').default('certified'),
  trusted_proxies: z.array(network).max(LONGEST_LIST).default([]),
})

const oidcGrant = z.strictObject({
  subject: someText.nullable().default(null),
  email: someText.nullable().default(null),
  email_domain: someText.nullable().default(null),
  group: someText.nullable().default(null),
  role: oneOf(...roles),
  tenant: slug.nullable().default(null),
  installation: flag.default(false),
})

const oidc = z.strictObject({
  issuer: issuerUrl,
  client_id: someText,
  client_secret_file: filePath.nullable().default(null),
  scopes: z.array(someText).max(LONGEST_LIST).default(['openid', 'email', 'profile']),
  groups_claim: someText.default('groups'),
  grant: z.array(oidcGrant).max(oidcLimits.grants).default([]),
})

export const login = z.strictObject({
  url: webUrl.nullable().default(null),
  passwords: flag.default(true),
  idle: duration(60_000).default(hours(12)),
  session: duration(60_000).default(days(7)),
  oidc: oidc.nullable().default(null),
})
