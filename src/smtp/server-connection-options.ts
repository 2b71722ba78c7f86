// SPDX-License-Identifier: Apache-2.0
/** What a connection of a client needs of its server. */
import type { DeadlineWheel } from '../base/deadline-wheel.ts'
import type { ServerLimits } from '../base/limits/limits.ts'
import type { MemoryBudget } from '../base/memory-budget.ts'
import type { Reply } from '../protocol/reply.ts'
import type { SessionHandler } from './server-handler.ts'
import type { ServerTls } from './server-tls.ts'

export interface ConnectionOptions<Identity> {
  readonly hostname: string
  readonly limits: ServerLimits
  readonly memory: MemoryBudget
  readonly wheel: DeadlineWheel
  readonly tls: () => ServerTls | null
  /** The handshake comes before the greeting. */
  readonly isImplicitTls: boolean
  readonly handler: SessionHandler<Identity>
  /** Said instead of a greeting; `null`: the client is welcome. */
  readonly refusal: Reply | null
  /** The client is another one (XCLIENT): who handles it, or `null` where there is no room for it. */
  readonly claim: (address: string) => SessionHandler<Identity> | null
  /** The connection is no more. */
  readonly onClosed: () => void
}
