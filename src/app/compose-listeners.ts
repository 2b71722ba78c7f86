// SPDX-License-Identifier: Apache-2.0
/** Makes the listeners of this node's configuration. */
import type { Acceptor } from '../accept/acceptor.ts'
import type { Clock } from '../base/clock.ts'
import type { DeadlineWheel } from '../base/deadline-wheel.ts'
import { type ServerLimits, serverLimits } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import type { MemoryBudget } from '../base/memory-budget.ts'
import { SubmissionListener } from '../intake/submission-listener.ts'
import { PeerNetworks } from '../smtp/peer-networks.ts'
import type { ListenerConfig } from './config/config.ts'
import { addressKeyOf } from './free-ports.ts'
import { Listeners } from './listeners.ts'
import type { LiveConfig } from './live-config.ts'
import type { OpenFileShares } from './open-files.ts'
import type { WorkerPlace } from './worker-place.ts'

export interface ListenerParts {
  readonly live: LiveConfig
  readonly place: WorkerPlace
  readonly acceptor: Acceptor
  readonly clock: Clock
  readonly memory: MemoryBudget
  readonly openFiles: OpenFileShares
  readonly wheel: DeadlineWheel
  readonly log: Log
}

export function composeListeners(parts: ListenerParts): Listeners {
  const { listeners } = parts.live.current.config
  const ports = [...(parts.place.sharedPorts ?? [])]
  return new Listeners(
    listeners.map((listener) => ({
      name: listener.name,
      listener: composeListener(parts, listener, ports.splice(0, listener.addresses.length)),
    })),
  )
}

/** `ports`: that workers share, one for each address; none where this process is alone. */
function composeListener(
  { live, place, acceptor, clock, memory, openFiles, wheel, log }: ListenerParts,
  listener: ListenerConfig,
  ports: readonly number[],
): SubmissionListener {
  const { name, addresses } = listener
  return new SubmissionListener({
    addresses: addresses.map(({ host, port }, at) => ({ host, port: ports[at] ?? port })),
    sharesPorts: ports.length > 0,
    hostname: live.current.config.hostname,
    addressKey: addressKeyOf(name),
    acceptor,
    tls: () => live.current.tls.get(name) ?? null,
    isImplicitTls: listener.tls === 'implicit',
    proxies: new PeerNetworks(listener.proxyProtocolFrom),
    claimants: new PeerNetworks(listener.xclientFrom),
    limits: limitsOf(listener, place.count, openFiles.scale),
    clock,
    memory,
    wheel,
    log: log.child({ listener: name }),
    allowClearTextAuth: listener.clearTextAuth,
  })
}

/** `scale`: how much of it there are files for. */
function limitsOf(listener: ListenerConfig, workers: number, scale: number): ServerLimits {
  return {
    ...serverLimits,
    messageOctets: listener.maxMessageSize,
    recipientsPerMessage: listener.maxRecipients,
    futureReleaseMs: listener.maxFutureRelease,
    sessions: Math.ceil((listener.maxSessions / workers) * scale),
    sessionsPerAddress: Math.ceil(listener.maxSessionsPerAddress / workers),
    commandTimeoutMs: listener.commandTimeout,
    contentTimeoutMs: listener.contentTimeout,
    sessionTimeoutMs: listener.sessionTimeout,
  }
}
