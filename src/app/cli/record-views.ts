// SPDX-License-Identifier: Apache-2.0
/** Records as `--json` shows them: no secrets, times in RFC 3339, durations in milliseconds. */
import type {
  Credential,
  SendingDomain,
  SigningKey,
  Stream,
  Tenant,
} from '../../records/records.ts'

export function tenantView({ id, name, createdAt }: Tenant) {
  return { id, name, createdAt: timestamp(createdAt) }
}

export function streamView(stream: Stream) {
  const { tenant, name, kind, priority, pool, mayShareTransaction, isDefault } = stream
  const { sendsReports, eightBit, longLines } = stream
  return {
    tenant,
    name,
    kind,
    priority,
    pool,
    retryAfterMs: stream.retryAfter,
    expiresAfterMs: stream.expiresAfter,
    mayShareTransaction,
    sendsReports,
    eightBit,
    longLines,
    isDefault,
    createdAt: timestamp(stream.createdAt),
  }
}

export function domainView({ tenant, name, returnPathDomain, createdAt }: SendingDomain) {
  return { tenant, name, returnPathDomain, createdAt: timestamp(createdAt) }
}

export function keyView({ selector, algorithm, publicKey, createdAt }: SigningKey) {
  return { selector, algorithm, publicKey, createdAt: timestamp(createdAt) }
}

export function credentialView(credential: Credential) {
  const { id, tenant, label, stream, sealedScram, createdAt } = credential
  const scram = sealedScram !== null
  return { id, tenant, label, stream, scram, createdAt: timestamp(createdAt) }
}

function timestamp(at: number): string {
  return new Date(at).toISOString()
}
