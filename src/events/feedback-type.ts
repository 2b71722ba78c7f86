// SPDX-License-Identifier: Apache-2.0

/** RFC 6430 §3.2: the recipient wants it after all. RFC 6591: about a signature, not about the mail. */
const NO_COMPLAINTS: readonly string[] = ['not-spam', 'auth-failure']

/** Whether a report of that type complains of the mail. `null`: it names none. */
export function isComplaint(feedbackType: string | null): boolean {
  return feedbackType === null || !NO_COMPLAINTS.includes(feedbackType)
}

/** Whether an event is a complaint that nobody can have made up: only then anything follows from it. */
export function isProvenComplaint({
  certainty,
  feedbackType,
}: {
  readonly certainty: string
  readonly feedbackType: string | null
}): boolean {
  return certainty === 'proven' && isComplaint(feedbackType)
}
