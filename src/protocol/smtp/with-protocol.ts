// SPDX-License-Identifier: Apache-2.0
/** The word after `with` in a `Received` field: RFC 3848, and RFC 6531 §4.3 for UTF8SMTP. */

export interface SessionKind {
  /** EHLO and not HELO. */
  readonly isExtended: boolean
  readonly isSecure: boolean
  readonly isAuthenticated: boolean
}

export function withProtocol(session: SessionKind, smtputf8: boolean): string {
  if (!session.isExtended) return 'SMTP'
  const secure = session.isSecure ? 'S' : ''
  const authenticated = session.isAuthenticated ? 'A' : ''
  return `${smtputf8 ? 'UTF8SMTP' : 'ESMTP'}${secure}${authenticated}`
}
