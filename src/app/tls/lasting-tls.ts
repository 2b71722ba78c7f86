// SPDX-License-Identifier: Apache-2.0
/** What an HTTP listener shows in handshakes, for as long as it lives. */
import type { ServerTls } from '../../smtp/server-tls.ts'

/** Where a reload takes it away, the last one holds: only a restart makes HTTP of HTTPS. */
export function lastingTls(tls: () => ServerTls | null): (() => ServerTls) | null {
  const first = tls()
  if (first === null) return null
  let last: ServerTls = first
  return () => {
    last = tls() ?? last
    return last
  }
}
