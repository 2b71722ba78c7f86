// SPDX-License-Identifier: Apache-2.0
/** Makes the submission listener of this node's configuration. */
import type { Acceptor } from '../accept/acceptor.ts'
import type { DeadlineWheel } from '../base/deadline-wheel.ts'
import { serverLimits } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import { SubmissionListener } from '../intake/submission-listener.ts'
import type { LiveConfig } from './live-config.ts'

export function composeSubmission(parts: {
  readonly live: LiveConfig
  readonly acceptor: Acceptor
  readonly wheel: DeadlineWheel
  readonly log: Log
}): SubmissionListener {
  const { live, acceptor, wheel, log } = parts
  const { config } = live.current
  const { submission } = config.listen
  return new SubmissionListener({
    host: submission.address.host,
    port: submission.address.port,
    hostname: config.hostname,
    acceptor,
    secureContext: () => live.current.secureContext,
    limits: {
      ...serverLimits,
      messageOctets: submission.maxMessageSize,
      recipientsPerMessage: submission.maxRecipients,
      sessions: submission.maxSessions,
      sessionsPerAddress: submission.maxSessionsPerAddress,
      commandTimeoutMs: submission.commandTimeout,
      contentTimeoutMs: submission.contentTimeout,
      sessionTimeoutMs: submission.sessionTimeout,
    },
    wheel,
    log,
    allowClearTextAuth: submission.clearTextAuth,
  })
}
