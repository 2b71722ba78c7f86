// SPDX-License-Identifier: Apache-2.0
/**
 * From a response to what it says about the question: follows CNAMEs within it, and keeps times to live in
 * their bounds. Pure.
 */
import { type DurationMs, ms, seconds } from '../base/brand.ts'
import { dnsLimits } from '../base/limits/limits.ts'
import { type DnsRecord, type Question, Rcode, type Response } from './message.ts'
import type { Answer } from './resolver.ts'

const LONGEST_TTL = 0x7f_ff_ff_ff

export type Reading =
  | { readonly kind: 'answer'; readonly answer: Answer<DnsRecord> }
  /** The response ends at an alias whose target must be asked for. */
  | { readonly kind: 'alias'; readonly target: string; readonly ttl: DurationMs }

/** `isTrusted`: whether the AD bit counts. */
export function readAnswer(response: Response, question: Question, isTrusted: boolean): Reading {
  const chain = followAliases(response.records, question)
  if (chain === null) return answer({ kind: 'failed', text: 'the CNAMEs go in a circle' })
  const secure = isTrusted && response.isAuthentic
  const found = response.records.filter(
    (record) => record.type === question.type && lowerCase(record.name) === chain.name,
  )
  if (found.length > 0) {
    const ttl = positiveTtl(Math.min(chain.ttl, ...found.map(ttlOf)))
    const records = found.map((record) => toKeep(record, chain.name))
    return answer({ kind: 'found', records, ttl, secure })
  }
  const ttl = negativeTtl(response, chain.ttl)
  // RFC 6604 §3: the response code is about the last name of the chain.
  if (response.rcode === Rcode.noSuchDomain) return answer({ kind: 'no-such-domain', ttl, secure })
  if (chain.name !== question.name && response.negativeTtl === null)
    return { kind: 'alias', target: chain.name, ttl: positiveTtl(chain.ttl) }
  return answer({ kind: 'none', ttl, secure })
}

/** A name as we compare it: lower case, without the final dot; the root is empty. */
export function lowerCase(name: string): string {
  const folded = name.toLowerCase()
  return folded.endsWith('.') ? folded.slice(0, -1) : folded
}

/** What a record says, without what its packet said beside it: very many are kept. Their name is one string. */
function toKeep(record: DnsRecord, name: string): DnsRecord {
  const data = 'data' in record ? record.data : undefined
  return { name, type: record.type, data } as DnsRecord
}

function answer(found: Answer<DnsRecord>): Reading {
  return { kind: 'answer', answer: found }
}

/** The name at the end of the chain and the chain's shortest TTL in ms; `null` where it does not end. */
function followAliases(
  records: readonly DnsRecord[],
  question: Question,
): { name: string; ttl: number } | null {
  let name = question.name
  let ttl = Number.POSITIVE_INFINITY
  if (question.type === 'CNAME') return { name, ttl }
  for (let followed = 0; followed <= dnsLimits.aliases; followed++) {
    const alias = records.find(
      (record) => record.type === 'CNAME' && lowerCase(record.name) === name,
    )
    if (alias?.type !== 'CNAME') return { name, ttl }
    name = lowerCase(alias.data)
    ttl = Math.min(ttl, ttlOf(alias))
  }
  return null
}

/** RFC 2181 §8: with the highest bit set it is zero. */
function ttlOf(record: DnsRecord): number {
  const ttl = 'ttl' in record ? (record.ttl ?? 0) : 0
  return ttl > LONGEST_TTL ? 0 : seconds(ttl)
}

function positiveTtl(ttl: number): DurationMs {
  return ms(Math.min(Math.max(ttl, dnsLimits.shortestTtlMs), dnsLimits.longestTtlMs))
}

/** Without an SOA nobody said how long (RFC 2308 §5): the shortest. */
function negativeTtl(response: Response, chainTtl: number): DurationMs {
  const ttl = Math.min(response.negativeTtl ?? 0, chainTtl)
  return ms(Math.min(Math.max(ttl, dnsLimits.shortestTtlMs), dnsLimits.longestNegativeTtlMs))
}
