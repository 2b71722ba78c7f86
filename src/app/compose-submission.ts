// SPDX-License-Identifier: Apache-2.0
/** Makes the submission listener of this node's configuration. */
import type { Acceptor } from '../accept/acceptor.ts'
import type { Clock } from '../base/clock.ts'
import type { DeadlineWheel } from '../base/deadline-wheel.ts'
import { serverLimits } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import { SubmissionListener } from '../intake/submission-listener.ts'
import type { LiveConfig } from './live-config.ts'
import type { WorkerPlace } from './worker-place.ts'

export function composeSubmission(parts: {
  readonly live: LiveConfig
  readonly place: WorkerPlace
  readonly acceptor: Acceptor
  readonly clock: Clock
  readonly wheel: DeadlineWheel
  readonly log: Log
}): SubmissionListener {
  const { live, place, acceptor, clock, wheel, log } = parts
  const { config } = live.current
  const { submission } = config.listen
  return new SubmissionListener({
    host: submission.address.host,
    port: place.sharedPort ?? submission.address.port,
    sharesPort: place.sharedPort !== null,
    hostname: config.hostname,
    acceptor,
    secureContext: () => live.current.secureContext,
    limits: {
      ...serverLimits,
      messageOctets: submission.maxMessageSize,
      recipientsPerMessage: submission.maxRecipients,
      futureReleaseMs: submission.maxFutureRelease,
      sessions: Math.ceil(submission.maxSessions / place.count),
      sessionsPerAddress: Math.ceil(submission.maxSessionsPerAddress / place.count),
      commandTimeoutMs: submission.commandTimeout,
      contentTimeoutMs: submission.contentTimeout,
      sessionTimeoutMs: submission.sessionTimeout,
    },
    clock,
    wheel,
    log,
    allowClearTextAuth: submission.clearTextAuth,
  })
}
