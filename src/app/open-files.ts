// SPDX-License-Identifier: Apache-2.0
/**
 * How sessions and connections share the files that a process may have open. Where the system allows fewer than are
 * configured, both get less in proportion: a client is told 421 by us then, and not cut off by the kernel, and there is
 * always one for the journal.
 */
import { processLimits } from '../base/limits/process-limits.ts'
import { webLimits } from '../base/limits/web-limits.ts'
import type { Config } from './config/config.ts'

export interface OpenFileShares {
  /** Of the sessions and connections that are configured: 1, or less where that is not allowed. */
  readonly scale: number
  /** To receivers. */
  readonly connections: number
  /** Beside each other to one receiver: a part of what is kept for other files. */
  readonly spareCalls: number
  /** That all of it would take. */
  readonly wanted: number
}

/** `limit`: RLIMIT_NOFILE; `null` where it is unknown. */
export function openFileShares(
  { listeners, delivery, web }: Config,
  workers: number,
  limit: number | null,
): OpenFileShares {
  const { otherFiles } = processLimits
  const sessions = listeners.reduce((sum, { maxSessions }) => sum + maxSessions / workers, 0)
  const visitors = web === null ? 0 : webLimits.connections
  const most = Math.ceil(sessions) + visitors + delivery.maxConnections
  const others = limit === null ? otherFiles : Math.min(otherFiles, limit / 2)
  const scale = limit === null ? 1 : Math.min(1, (limit - others) / most)
  const connections =
    scale === 1
      ? Number.POSITIVE_INFINITY
      : Math.max(1, Math.floor(delivery.maxConnections * scale))
  const spareCalls = Math.floor(others * processLimits.spareCallsShare)
  return { scale, connections, spareCalls, wanted: most + otherFiles }
}
