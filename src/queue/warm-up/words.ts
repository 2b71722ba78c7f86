// SPDX-License-Identifier: Apache-2.0
/** Decisions in words, with their numbers, as a colleague would say them. */
import type { Finding } from './judgement.ts'
import type { LimitedKind } from './thresholds.ts'

const verbs: Record<LimitedKind, string> = {
  deferred: 'were deferred',
  refused: 'were refused',
  bounced: 'had no such recipient',
  complained: 'were called spam',
  foldered: 'went to the spam folder',
  unengaged: 'fewer opened or clicked than in the days before',
}

/** "3.1 % of yesterday's 1,968 were deferred with S3150 (limit 2 %)". `whose`: `yesterday's`, `the last`. */
export function findingText(
  { count, kind, limit, of }: Finding,
  whose: string,
  code: string | null,
): string {
  const words = code === null ? '' : ` with ${code}`
  const share = percent(of === 0 ? 0 : count / of)
  if (kind === 'unengaged') return `${share} ${verbs[kind]} (limit ${percent(limit)})`
  return `${share} of ${whose} ${number(of)} ${verbs[kind]}${words} (limit ${percent(limit)})`
}

/** "2,000 a day". */
export function aDay(allowance: number): string {
  return `${number(allowance)} a day`
}

export function number(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',')
}

/** "3.1 %", "0.05 %". */
export function percent(share: number): string {
  const value = share * 100
  const text = value >= 10 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value.toPrecision(2)
  return `${Number(text)} %`
}

/** Names of providers are slugs: "outlook" is Outlook. */
export function title(provider: string): string {
  return provider.slice(0, 1).toUpperCase() + provider.slice(1)
}

/** The code that a provider made up (`S3150`, `TSS04`), else the enhanced one, else none. */
export function codeIn(text: string, enhanced: string | null): string | null {
  const own = /\b[A-Z]{1,5}-?[A-Z]?\d{2,5}\b/.exec(text)
  return own?.[0] ?? enhanced
}
