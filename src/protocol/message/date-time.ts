// SPDX-License-Identifier: Apache-2.0
/** Dates of header fields. RFC 5322 §3.3. */
import type { Instant } from '../../base/brand.ts'

/** `Tue, 24 Nov 2026 12:16:20 +0000`. */
export function formatDateTime(at: Instant): string {
  const second = Math.floor(at / 1_000)
  if (second !== lastSecond.second) {
    lastSecond.second = second
    lastSecond.text = new Date(second * 1_000).toUTCString().replace('GMT', '+0000')
  }
  return lastSecond.text
}

/** A thousand messages may come in the same second. */
const lastSecond = { second: Number.NaN, text: '' }
