// SPDX-License-Identifier: Apache-2.0
/** What is fuzzed, where from, and what must hold of every input. A target throws where it does not. */
import { dnsTarget } from './target-dns.ts'
import { mimeTarget } from './target-mime.ts'
import { reportTarget } from './target-report.ts'
import { addressTarget, commandTarget, contentTarget, replyTarget } from './target-smtp.ts'
import { proxyTarget, saslTarget, xclientTarget, xtextTarget } from './target-words.ts'

export interface FuzzTarget {
  /** Inputs to begin with, where there is no corpus. */
  readonly seeds: readonly (string | Buffer)[]
  /** Words that an input may need. */
  readonly tokens: readonly string[]
  run(input: Buffer): void
}

export const targets = {
  command: commandTarget,
  reply: replyTarget,
  address: addressTarget,
  content: contentTarget,
  mime: mimeTarget,
  report: reportTarget,
  dns: dnsTarget,
  proxy: proxyTarget,
  xtext: xtextTarget,
  xclient: xclientTarget,
  sasl: saslTarget,
} as const satisfies Record<string, FuzzTarget>

export type TargetName = keyof typeof targets
