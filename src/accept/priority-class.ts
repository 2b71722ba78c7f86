// SPDX-License-Identifier: Apache-2.0
/**
 * From the priority that a submitter gives a message (RFC 6710: 9 the most urgent, -9 the least) to the class in which it
 * waits. The operator's word comes first: a stream's own class moves by at most three, so that the most urgent bulk mail
 * goes with ordinary transactional mail and never before it.
 */

const LAST_CLASS = 9
const PRIORITIES_PER_CLASS = 3

/** 0 is sent first. */
export function priorityClass(ofStream: number, asked: number): number {
  const moved = ofStream - Math.round(asked / PRIORITIES_PER_CLASS)
  return Math.min(LAST_CLASS, Math.max(0, moved))
}
