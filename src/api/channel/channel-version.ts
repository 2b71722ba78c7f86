// SPDX-License-Identifier: Apache-2.0
/** The version of the channel: told in a header of each question and each answer, and checked by both sides. */
import { RelayError } from '../../base/errors.ts'

/** Counts up when a message changes so that the version before could not read it. */
export const CHANNEL_VERSION = 1
export const CHANNEL_HEADER = 'posthaste-channel'

/**
 * Throws `RLY_CHANNEL_VERSION` where the other side speaks neither our version nor the one before. One that says none is a person with a
 * tool, and may try.
 */
export function checkChannelVersion(told: string | string[] | undefined, who: string): void {
  if (told === undefined) return
  const version = Number(told)
  if (version === CHANNEL_VERSION || version === CHANNEL_VERSION - 1) return
  throw new RelayError(
    'RLY_CHANNEL_VERSION',
    `${who} speaks version ${told} of the channel, this program version ${CHANNEL_VERSION}: start both from the same installation ("posthaste restart" after an upgrade)`,
  )
}
