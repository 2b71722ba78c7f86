// SPDX-License-Identifier: Apache-2.0
/** The reply of a server as reports quote it: code, enhanced code and words, wherever they stand in a text. */
import { reportLimits } from '../../base/limits/feedback-limits.ts'

export interface ReportedReply {
  readonly status: string | null
  readonly code: number | null
  readonly text: string
}

/** A code at the beginning of a word, not a part of an address, a size or a date; with its enhanced code where one follows. */
const CODE =
  /(?<![\d.=/-]|[\da-f]:|\w#|\bport )\b([45]\d\d)(?:[ :-]+#?([245]\.\d{1,3}\.\d{1,3}))?(?=[\s:;,)#-]|$)/i
/** As in `(#5.1.1)`, `[5.7.1]`, `Status: 5.1.1`; no part of an IP address or of a version. */
const ENHANCED = /(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)/

export function reportedReply(said: string): ReportedReply {
  const text = said.replaceAll(/\s+/g, ' ').trim().slice(0, reportLimits.diagnosticCharacters)
  const code = CODE.exec(text)
  const status = code?.[2] ?? ENHANCED.exec(text)?.[1] ?? null
  return { status, code: code === null ? null : Number(code[1]), text }
}

/** What a field says, made more exact by the words beside it: hosts give `5.0.0` and mean `5.1.1`. */
export function moreExact(status: string | null, said: string | null): string | null {
  if (status === null || said === null) return status ?? said
  const isVague = /^[245]\.0\.0$/.test(status)
  return isVague && said[0] === status[0] ? said : status
}
