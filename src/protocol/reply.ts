// SPDX-License-Identifier: Apache-2.0
/** Replies of SMTP servers, theirs and ours. RFC 5321 §4.2, RFC 3463, RFC 2034. */

export interface Reply {
  /** 200–599. */
  readonly code: number
  /** RFC 3463 `class.subject.detail`, or `null` where none was given. */
  readonly enhanced: string | null
  /** Text of all lines, joined by LF, without codes. */
  readonly text: string
}

export function reply(code: number, enhanced: string | null, text: string): Reply {
  return { code, enhanced, text }
}

/** 2yz. */
export function isPositive(answer: Reply): boolean {
  return answer.code >= 200 && answer.code < 300
}

/** 4yz: the same may succeed later. */
export function isTransient(answer: Reply): boolean {
  return answer.code >= 400 && answer.code < 500
}

/** 5yz: the same will fail again. */
export function isPermanent(answer: Reply): boolean {
  return answer.code >= 500 && answer.code < 600
}

/** On one line, as in events and logs: `550 5.1.1 No such user`. */
export function formatReply(answer: Reply): string {
  const text = answer.text.replaceAll('\n', ' ')
  return answer.enhanced === null
    ? `${answer.code} ${text}`
    : `${answer.code} ${answer.enhanced} ${text}`
}
