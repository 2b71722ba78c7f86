// SPDX-License-Identifier: Apache-2.0
/** What listeners of every role are made with: addresses, TLS, whom to believe, bounds. */
import type { DeadlineWheel } from '../base/deadline-wheel.ts'
import type { ServerLimits } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import type { MemoryBudget } from '../base/memory-budget.ts'
import type { PeerNetworks } from '../smtp/peer-networks.ts'
import type { ListeningAddress } from '../smtp/server.ts'
import type { ServerTls } from '../smtp/server-tls.ts'

export interface ListenerOptions {
  readonly addresses: readonly ListeningAddress[]
  /** Other workers listen on the same ports. */
  readonly sharesPorts: boolean
  /** Our name in the greeting and in the reply to EHLO. */
  readonly hostname: string
  /** What the configuration calls the addresses. */
  readonly addressKey: string
  /** Asked at each handshake, so that certificates can be changed. `null`: not offered. */
  readonly tls: () => ServerTls | null
  /** The handshake comes before the greeting. */
  readonly isImplicitTls: boolean
  /** Load balancers, which must send a PROXY header. */
  readonly proxies: PeerNetworks
  /** Mail proxies, which may say XCLIENT. */
  readonly claimants: PeerNetworks
  readonly limits: ServerLimits
  /** That clients of all listeners share. */
  readonly memory: MemoryBudget
  readonly wheel: DeadlineWheel
  readonly log: Log
}
