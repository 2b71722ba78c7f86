// SPDX-License-Identifier: Apache-2.0
/** Dates of header fields. RFC 5322 §3.3. */
import type { Instant } from '../../base/brand.ts'
import { SecondText } from '../../base/second-text.ts'

const dateTime = new SecondText((second) =>
  new Date(second * 1_000).toUTCString().replace('GMT', '+0000'),
)

/** `Tue, 24 Nov 2026 12:16:20 +0000`. */
export function formatDateTime(at: Instant): string {
  return dateTime.of(Math.floor(at / 1_000))
}
