// SPDX-License-Identifier: Apache-2.0
/** What the system should allow this configuration and does not, with what to set. `serve` logs it, `config check` shows it. */
import { processLimits } from '../base/limits/process-limits.ts'
import type { Config } from './config/config.ts'
import { openFileShares } from './open-files.ts'
import type { SystemFacts } from './system-facts.ts'

export function systemAdvice(
  config: Config,
  workers: number,
  facts: SystemFacts,
): readonly string[] {
  return [
    ...openFilesAdvice(config, workers, facts),
    ...backlogAdvice(facts),
    ...(workers > 1 ? handOverAdvice(facts) : []),
  ]
}

function openFilesAdvice(config: Config, workers: number, { openFiles }: SystemFacts): string[] {
  const { scale, wanted } = openFileShares(config, workers, openFiles)
  if (scale === 1) return []
  const percent = Math.floor(scale * 100)
  return [
    `a process may have ${openFiles} files open, ${wanted} would serve all sessions and connections that are configured: there will be ${percent} % of them; "LimitNOFILE=${wanted}" in the systemd unit gives all`,
  ]
}

function backlogAdvice({ somaxconn }: SystemFacts): string[] {
  if (somaxconn === null || somaxconn >= processLimits.backlog) return []
  return [
    `a port keeps ${somaxconn} connections until they are taken, more are refused; "sysctl net.core.somaxconn=4096" keeps more`,
  ]
}

function handOverAdvice({ handsOver }: SystemFacts): string[] {
  if (handsOver === true) return []
  return [
    handsOver === null
      ? 'this kernel does not hand over waiting connections: replacing a worker may reset a few'
      : 'replacing a worker may reset a few connections; "sysctl net.ipv4.tcp_migrate_req=1" prevents it',
  ]
}
