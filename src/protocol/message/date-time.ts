// SPDX-License-Identifier: Apache-2.0
/** Dates of header fields. RFC 5322 §3.3. */
import type { Instant } from '../../base/brand.ts'

/** `Tue, 24 Nov 2026 12:16:20 +0000`. */
export function formatDateTime(at: Instant): string {
  return new Date(at).toUTCString().replace('GMT', '+0000')
}
