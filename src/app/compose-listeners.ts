// SPDX-License-Identifier: Apache-2.0
/** Makes the listeners of this node's configuration. */
import type { Acceptor } from '../accept/acceptor.ts'
import type { Clock } from '../base/clock.ts'
import type { DeadlineWheel } from '../base/deadline-wheel.ts'
import { type ServerLimits, serverLimits } from '../base/limits/limits.ts'
import type { Log } from '../base/log.ts'
import type { MemoryBudget } from '../base/memory-budget.ts'
import type { InboundContext } from '../feedback/inbound-handler.ts'
import { inboundListener } from '../feedback/inbound-listener.ts'
import { SubmissionListener } from '../intake/submission-listener.ts'
import { PeerNetworks } from '../smtp/peer-networks.ts'
import type { ListenerOptions } from '../smtp/server.ts'
import type { ListenerConfig } from './config/config.ts'
import { addressKeyOf } from './free-ports.ts'
import { type Listener, Listeners } from './listeners.ts'
import type { LiveConfig } from './live-config.ts'
import type { OpenFileShares } from './open-files.ts'
import type { WorkerPlace } from './worker-place.ts'

export interface ListenerParts {
  readonly live: LiveConfig
  readonly place: WorkerPlace
  readonly acceptor: Acceptor
  readonly inbound: InboundContext
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
  { live, place, acceptor, inbound, clock, memory, openFiles, wheel, log }: ListenerParts,
  listener: ListenerConfig,
  ports: readonly number[],
): Listener {
  const { name, addresses } = listener
  const options: ListenerOptions = {
    addresses: addresses.map(({ host, port }, at) => ({ host, port: ports[at] ?? port })),
    sharesPorts: ports.length > 0,
    hostname: live.current.config.hostname,
    addressKey: addressKeyOf(name),
    tls: () => live.current.tls.listeners.get(name) ?? null,
    isImplicitTls: listener.tls === 'implicit',
    proxies: new PeerNetworks(listener.proxyProtocolFrom),
    claimants: new PeerNetworks(listener.xclientFrom),
    limits: limitsOf(listener, place.count, openFiles.scale),
    memory,
    wheel,
    log: log.child({ listener: name }),
  }
  if (listener.role === 'inbound') return inboundListener(options, inbound)
  const { clearTextAuth } = listener
  return new SubmissionListener({ ...options, acceptor, clock, allowClearTextAuth: clearTextAuth })
}

/** `scale`: how much of it there are files for. */
function limitsOf(listener: ListenerConfig, workers: number, scale: number): ServerLimits {
  return {
    ...serverLimits,
    messageOctets: listener.maxMessageSize,
    recipientsPerMessage: listener.maxRecipients,
    // Nothing that comes back is sent again later.
    futureReleaseMs: listener.role === 'inbound' ? 0 : listener.maxFutureRelease,
    sessions: Math.ceil((listener.maxSessions / workers) * scale),
    sessionsPerAddress: Math.ceil(listener.maxSessionsPerAddress / workers),
    commandTimeoutMs: listener.commandTimeout,
    contentTimeoutMs: listener.contentTimeout,
    sessionTimeoutMs: listener.sessionTimeout,
  }
}
