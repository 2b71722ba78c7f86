// SPDX-License-Identifier: Apache-2.0
/** A submission listener on a free port of loopback, before an acceptor in memory, on a clock that a test turns. */
import { createSecureContext } from 'node:tls'
import type { Certificate } from '../../src/app/self-signed-certificate.ts'
import { ms } from '../../src/base/brand.ts'
import { DeadlineWheel } from '../../src/base/deadline-wheel.ts'
import { type ServerLimits, serverLimits } from '../../src/base/limits.ts'
import { silentLog } from '../../src/base/log.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SubmissionListener, type SubmissionOptions } from '../../src/intake/submission-listener.ts'
import { MemoryAcceptor } from './memory-acceptor.ts'

export interface ListenerSettings {
  readonly limits?: Partial<ServerLimits>
  readonly allowClearTextAuth?: SubmissionOptions['allowClearTextAuth']
  readonly certificate?: Certificate
  /** Whether clients of loopback need no AUTH. */
  readonly isTrusting?: boolean
  readonly port?: number
}

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
    const acceptor = new MemoryAcceptor()
    if (settings.isTrusting) acceptor.trustedAddresses.add('127.0.0.1')
    const clock = new ManualClock()
    const { certificate } = settings
    const context = certificate === undefined ? null : createSecureContext(certificate)
    const listener = new SubmissionListener({
      sharesPort: false,
      host: '127.0.0.1',
      port: settings.port ?? 0,
      hostname: 'relay.example',
      acceptor,
      secureContext: () => context,
      allowClearTextAuth: settings.allowClearTextAuth ?? 'never',
      limits: { ...serverLimits, ...settings.limits },
      clock,
      wheel: new DeadlineWheel(clock),
      log: silentLog,
    })
    const { port } = await listener.listen()
    return new RunningListener(acceptor, clock, listener, port)
  }

  /** Turns the clock until every deadline within `duration` has fired. */
  wait(duration: number): void {
    this.clock.advance(ms(duration))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.listener.close()
  }
}
