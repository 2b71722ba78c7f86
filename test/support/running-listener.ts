// SPDX-License-Identifier: Apache-2.0
/** A submission listener on a free port of loopback, before an acceptor in memory, on a clock that a test turns. */
import type { Certificate } from '../../src/app/self-signed-certificate.ts'
import { ms } from '../../src/base/brand.ts'
import { DeadlineWheel } from '../../src/base/deadline-wheel.ts'
import { type ServerLimits, serverLimits } from '../../src/base/limits/limits.ts'
import { memoryLimits } from '../../src/base/limits/process-limits.ts'
import { silentLog } from '../../src/base/log.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { MemoryBudget } from '../../src/base/memory-budget.ts'
import { SubmissionListener, type SubmissionOptions } from '../../src/intake/submission-listener.ts'
import { PeerNetworks, type PeerPrefix } from '../../src/smtp/peer-networks.ts'
import { ServerTls } from '../../src/smtp/server-tls.ts'
import { MemoryAcceptor } from './memory-acceptor.ts'

export interface ListenerSettings {
  readonly limits?: Partial<ServerLimits>
  readonly memoryOctets?: number
  readonly allowClearTextAuth?: SubmissionOptions['allowClearTextAuth']
  readonly certificate?: Certificate
  /** Whether clients of loopback need no AUTH. */
  readonly isTrusting?: boolean
  readonly port?: number
  /** In place of `certificate`. */
  readonly tls?: ServerTls
  readonly isImplicitTls?: boolean
  readonly proxies?: readonly PeerPrefix[]
  readonly claimants?: readonly PeerPrefix[]
  /** In place of one of its own. */
  readonly acceptor?: MemoryAcceptor
}

/** As a load balancer or a mail proxy on this machine. */
export const LOOPBACK: PeerPrefix = { address: '127.0.0.1', prefix: 32, family: 4 }

export class RunningListener implements AsyncDisposable {
  readonly acceptor: MemoryAcceptor
  readonly clock: ManualClock
  readonly listener: SubmissionListener
  readonly port: number

  private constructor(
    acceptor: MemoryAcceptor,
    clock: ManualClock,
    listener: SubmissionListener,
    port: number,
  ) {
    this.acceptor = acceptor
    this.clock = clock
    this.listener = listener
    this.port = port
  }

  static async start(settings: ListenerSettings = {}): Promise<RunningListener> {
    const { acceptor = new MemoryAcceptor() } = settings
    if (settings.isTrusting) acceptor.trustedAddresses.add('127.0.0.1')
    const clock = new ManualClock()
    const { certificate } = settings
    const tls =
      certificate === undefined
        ? null
        : new ServerTls({ certificates: [certificate], clientCa: null, ticketKeys: null })
    const listener = new SubmissionListener({
      addresses: [{ host: '127.0.0.1', port: settings.port ?? 0 }],
      sharesPorts: false,
      addressKey: 'addresses',
      hostname: 'relay.example',
      acceptor,
      tls: () => settings.tls ?? tls,
      isImplicitTls: settings.isImplicitTls ?? false,
      proxies: new PeerNetworks(settings.proxies ?? []),
      claimants: new PeerNetworks(settings.claimants ?? []),
      allowClearTextAuth: settings.allowClearTextAuth ?? 'never',
      limits: { ...serverLimits, ...settings.limits },
      clock,
      memory: new MemoryBudget(settings.memoryOctets ?? memoryLimits.incomingOctets),
      wheel: new DeadlineWheel(clock),
      log: silentLog,
    })
    const [bound] = await listener.listen()
    return new RunningListener(acceptor, clock, listener, bound?.port ?? 0)
  }

  /** Turns the clock until every deadline within `duration` has fired. */
  wait(duration: number): void {
    this.clock.advance(ms(duration))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.listener.close()
  }
}
